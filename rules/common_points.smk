"""What the rules of ShapeGF ask: settings, priors, files of a row of its chapter."""

POINT_ROWS = RUN.point_clouds.methods  # of the chapter point_clouds
GRADIENT_FIELDS = alternatives([*POINT_ROWS, *RUN.methods_of("gradient_fields")])


def gradient_fields(*parts):
    """These parts of the settings of ShapeGF: a change of another reruns nothing."""
    return {part: Parameters(getattr(RUN.gradient_fields, part)) for part in parts}


def code_prior(wildcards):
    """The prior of a rule's method."""
    return {**POINT_ROWS, **RUN.methods}[wildcards.method].prior


def of_chapter(pattern, **names):
    """That file of the chapter's category and seed, of every given name."""
    category = RUN.point_clouds.category or CATEGORIES[0]
    return expand(pattern, category=category, seed=RUN.training_seeds[0], **names)


def chapter_generator(wildcards):
    """Weights and description of the generator of a row of the chapter."""
    folder = TRAINED.format(**wildcards)
    return [f"{folder}/generator.safetensors", f"{folder}/generator.json"]


def clouds_of(wildcards):
    """A row's clouds: its generator's own, or points of the surfaces of a method of the run."""
    name = "clouds" if wildcards.method in POINT_ROWS else "surfaces"
    return f"{SYNTHETIC}/{name}.npy".format(**wildcards)
