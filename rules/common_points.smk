"""What the rules of ShapeGF ask: settings, priors, files of a row of its chapter."""

POINT_ROWS = RUN.point_clouds.methods  # of the chapter point_clouds
GRADIENT_FIELDS = alternatives([*POINT_ROWS, *RUN.methods_of("gradient_fields")])


def gradient_fields(*parts):
    """These parts of the settings of ShapeGF: a change of another reruns nothing."""
    return {part: Parameters(getattr(RUN.gradient_fields, part)) for part in parts}


def code_prior(wildcards):
    """The prior of a rule's method."""
    return {**POINT_ROWS, **RUN.methods}[wildcards.method].prior
