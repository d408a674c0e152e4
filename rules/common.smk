"""The checked configuration, the folders of a run, and what the rules ask about both."""

import os
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

# this checkout, installed or not
sys.path.insert(0, str(Path(workflow.basedir) / "src"))

from toposhape.base.files import require_writable
from toposhape.base.garbage import collect_little
from toposhape.generators.families import FAMILIES
from toposhape.jobs.paths import Paths
from toposhape.jobs.plan import alternatives, published_files, used_variants
from toposhape.settings.removal import added_last
from toposhape.settings.parameters import Parameters, as_parameters
from toposhape.settings.run import ConfigError, read_config

collect_little()  # planning takes a quarter less

if sys.getfilesystemencoding() != "utf-8" and not (
    f"{workflow.basedir}{os.getcwd()}".isascii()
):
    raise WorkflowError(
        "This folder's name is not ASCII, and with this locale Python does not read names as "
        "UTF-8: export PYTHONUTF8=1, then the same command"
    )

try:  # Snakemake itself ends in a traceback there
    require_writable(".")
except PermissionError as error:
    raise WorkflowError(
        f"{error}: mend its permissions, or run elsewhere with --directory"
    ) from None

DEFAULT = yaml.safe_load(
    Path(workflow.basedir, "config.yaml").read_text(encoding="utf-8")
)
try:
    RUN = read_config(added_last(config, DEFAULT))
except ConfigError as error:
    raise WorkflowError(str(error)) from None

PATHS = Paths(RUN.name)
RESULTS = PATHS.results
SHAPES = PATHS.shapes
REQUESTED = PATHS.requested
BATCH = PATHS.batch
TRUE_SHAPES = PATHS.true_shapes
TRUE_BATCH = f"{TRUE_SHAPES}/batches/{{batch}}"
PRETRAINED = PATHS.pretrained
GRADIENT_FIELD = PATHS.gradient_field
TRAINED = PATHS.trained
CHECKPOINTS = PATHS.checkpoints
SYNTHETIC = PATHS.synthetic
POSTERIOR = PATHS.posterior
SCORES = PATHS.scores
SCORE_FILES = [PATHS.generator_scores, PATHS.reference_scores]
WALK = PATHS.walk
INTERPOLATIONS = list(PATHS.interpolations)
PICTURES = PATHS.pictures
MATRICES = PATHS.matrices
PUBLICATION = PATHS.publication
LOGS = PATHS.logs
TIMES = PATHS.times
CATEGORIES = list(RUN.chosen_categories)
METHODS = list(RUN.methods)
IMPLICIT_METHODS = RUN.methods_of("implicit")
VARIANTS = list(RUN.variants)
TRAINED_METHODS = [m for m in METHODS if RUN.trained_as(m) == m]
METHODS_WITH_CODES = [
    m for m in TRAINED_METHODS if FAMILIES[RUN.methods[m].family].has_codes
]
SCANNED, FITTED_CLOUDS = (
    [c for c in CATEGORIES if RUN.categories[c].data == data]
    for data in ("scans", "clouds")
)
GIVEN_AS_MESHES = [
    c for c in CATEGORIES if c not in (*SCANNED, *FITTED_CLOUDS, *RUN.cloud_categories)
]
IMPLICIT = alternatives(IMPLICIT_METHODS)
VECTOR_SETS = alternatives(RUN.methods_of("vector_sets"))
WITH_CODES = alternatives(METHODS_WITH_CODES)
WITH_TRAINING = alternatives(TRAINED_METHODS)
SHARING = alternatives(m for m in METHODS if m not in TRAINED_METHODS)
OVERVIEW_METHODS = list(RUN.publication.overview_methods)
COMPARED_METHODS = list(RUN.publication.compared_methods)
LIPSCHITZ, TOPOLOGICAL = RUN.publication.interpolated
MATRICES_METHOD = RUN.publication.matrices_method


wildcard_constraints:
    category=alternatives(CATEGORIES),
    method=alternatives(METHODS),
    variant=alternatives(VARIANTS),
    seed=r"\d+",
    batch=r"[0-9a-z]+",


def of_shown_generators(pattern, **wildcards):
    """That file of every category and method, of the first training seed."""
    return of_all_generators(pattern, seed=RUN.training_seeds[0], **wildcards)


def of_all_generators(pattern, **wildcards):
    """That file of every method and seed, and of every category unless one is given."""
    return expand(
        pattern,
        **{
            "category": CATEGORIES,
            "method": METHODS,
            "seed": RUN.training_seeds,
            **wildcards,
        },
    )


def of_first_seed(patterns, **names):
    """These files of the first training seed and of every given name; of the rule's category."""
    return expand(patterns, seed=RUN.training_seeds[0], **names, allow_missing=True)


def of_used_variants(pattern):
    """An input function: that file of the first seed and of every variant of a rule's category."""
    return lambda wildcards: expand(
        pattern,
        category=wildcards.category,
        variant=used_variants(RUN, wildcards.category),
        seed=RUN.training_seeds[0],
    )


def file_of_first_seed(pattern, **names):
    """That one file of the first training seed; of the rule's category."""
    (file,) = of_first_seed(pattern, **names)
    return file


def settings_of(*sections):
    """The named sections of the configuration: a change of their identity reruns the rule."""
    return {section: as_parameters(getattr(RUN, section)) for section in sections}


def vector_sets(*parts):
    """These parts of the settings of 3DShape2VecSet: a change of another reruns nothing."""
    return {part: Parameters(getattr(RUN.vector_sets, part)) for part in parts}


def pretrained(name):
    """An input function: that file of the variant from which a rule's method starts."""
    return lambda wildcards: f"{PRETRAINED}/{name}".format(
        category=wildcards.category,
        variant=RUN.methods[wildcards.method].variant,
        seed=wildcards.seed,
    )


def pretrained_diagrams(name):
    """The same of its diagram generator; nothing where a method uses none."""
    file = pretrained(name)
    return lambda wildcards: (
        file(wildcards)
        if RUN.methods[wildcards.method].topology.pretrained_diagrams
        else []
    )


def trained(methods):
    """The methods that train the generators of these rows."""
    return list(dict.fromkeys(map(RUN.trained_as, methods)))


def generator_files(wildcards):
    """An input function: all files of the generator of a row, its weights first."""
    method = RUN.trained_as(wildcards.method)
    folder = TRAINED.format(**{**wildcards, "method": method})
    return [f"{folder}/{name}" for name in FAMILIES[RUN.methods[method].family].files]


def critic_files(wildcards):
    """An input function: the diagram generator by which a row takes one of several shapes."""
    row = RUN.methods[wildcards.method]
    folder = TRAINED.format(**{**wildcards, "method": row.trained_as})
    return [
        f"{folder}/diagrams.{suffix}"
        for suffix in ("safetensors", "json")
        if row.best_of > 1
    ]


def filtered_codes(wildcards):
    """An input function: the codes beside which a row draws, if its prior needs them."""
    row = RUN.methods[wildcards.method]
    folder = TRAINED.format(**{**wildcards, "method": row.trained_as})
    return [
        f"{folder}/filtered_codes.{suffix}"
        for suffix in ("safetensors", "json")
        if row.prior == "filtered_density"
    ]


def sampling_settings(wildcards):
    """How the family of a rule's method draws its samples; nothing if there is nothing to set."""
    family = RUN.methods[RUN.trained_as(wildcards.method)].family
    if family == "gradient_fields":
        return gradient_fields("sampler", "surface")
    return vector_sets("sampler")["sampler"] if family == "vector_sets" else {}


def variant_settings(wildcards):
    """The settings of a rule's variant, or of its method's."""
    name = getattr(wildcards, "variant", None) or RUN.methods[wildcards.method].variant
    return Parameters(RUN.variants[name])


def shape_generator_settings(wildcards):
    """The settings of a category's implicit shape generators."""
    return Parameters(RUN.shape_generator_of(wildcards.category))


def topological_terms(wildcards):
    """The weights of the joint training of a rule's method."""
    return Parameters(RUN.methods[wildcards.method].topology)


def drawn_otherwise(wildcards):
    """How a row that shares a training draws its shapes."""
    row = RUN.methods[wildcards.method]
    return Parameters(row, leave_out=("trained_as", "baseline", "published"))


def if_among(methods, *patterns):
    """An input function: files that only some methods have."""
    return lambda wildcards: (
        [pattern.format(**wildcards) for pattern in patterns]
        if wildcards.method in methods
        else []
    )


def if_first_seed(pattern):
    """An input function: a file that only a trained method's first seed has: it costs time."""
    return lambda wildcards: (
        pattern.format(**wildcards)
        if int(wildcards.seed) == RUN.training_seeds[0]
        and wildcards.method in TRAINED_METHODS
        else []
    )


def require_gpu():
    """Refuse `device: cuda` at the start of a run whose jobs run here, where there is no GPU.

    The head node of a cluster needs none.
    """
    if RUN.device == "cuda" and workflow.local_exec:
        from toposhape.learning.seeds import choose_device

        try:
            choose_device(RUN.device)
        except ValueError as error:
            raise WorkflowError(str(error)) from None


def gpus():
    """GPUs that a job with networks asks for; with `auto` too, which uses one if it gets it."""
    return 0 if RUN.device == "cpu" else 1
