"""The checked configuration, the folders of a run, and what the rules ask about both."""

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# this checkout, installed or not
sys.path.insert(0, str(Path(workflow.basedir) / "src"))

from toposhape.config import ConfigError, read_config

if sys.getfilesystemencoding() != "utf-8" and not (
    f"{workflow.basedir}{os.getcwd()}".isascii()
):
    raise WorkflowError(
        "This folder's name is not ASCII, and with this locale Python does not read names as "
        "UTF-8: export PYTHONUTF8=1, then the same command"
    )

try:
    RUN = read_config(config)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

RESULTS = f"results/{RUN.name}"
SHAPES = f"{RESULTS}/shapes/{{category}}"
REQUESTED = f"{SHAPES}/requested.csv"
BATCH = f"{SHAPES}/batches/{{batch}}"
PRETRAINED = f"{RESULTS}/generators/{{category}}/{{variant}}/seed{{seed}}"
TRAINED = f"{RESULTS}/trained/{{category}}/{{method}}/seed{{seed}}"
CHECKPOINTS = f"{RESULTS}/checkpoints"
SYNTHETIC = f"{RESULTS}/synthetic/{{category}}/{{method}}/seed{{seed}}"
POSTERIOR = f"{SYNTHETIC}/posterior"
SCORES = f"{RESULTS}/scores/{{category}}"
SCORE_FILES = [f"{SCORES}/{{method}}_seed{{seed}}.csv", f"{SCORES}/references.csv"]
WALK = f"{SYNTHETIC}/interpolation"
INTERPOLATIONS = [
    f"{RESULTS}/interpolations/{{category}}/{row}"
    for row in ("lipschitz", "topological")
]
PICTURES = f"{RESULTS}/pictures"
MATRICES = f"{RESULTS}/matrices/{{category}}.npz"
PUBLICATION = f"{RESULTS}/publication"
LOGS = f"{RESULTS}/logs"
TIMES = f"{RESULTS}/times"
CATEGORIES = [category.name for category in RUN.chosen_categories]
METHODS = list(RUN.methods)
IMPLICIT_METHODS = [m for m in METHODS if RUN.methods[m].kind == "implicit"]
VECTOR_SET_METHODS = [m for m in METHODS if RUN.methods[m].kind == "vector_sets"]
VARIANTS = list(RUN.variants)
LIPSCHITZ = next((v for v in VARIANTS if RUN.variants[v].lipschitz_weight > 0), None)
TOPOLOGICAL = next(
    (m for m in IMPLICIT_METHODS if RUN.methods[m].topology.uses_diagrams), None
)
PLAIN = next(
    (m for m in IMPLICIT_METHODS if not RUN.methods[m].topology.uses_diagrams), None
)
IMPLICIT = "|".join(map(re.escape, IMPLICIT_METHODS)) or "none"
VECTOR_SETS = "|".join(map(re.escape, VECTOR_SET_METHODS)) or "none"
OVERVIEW_METHODS = [method for method in (PLAIN, TOPOLOGICAL) if method]
COMPARED_METHODS = [m for m in RUN.publication.compared_methods if m in METHODS]


wildcard_constraints:
    category="|".join(map(re.escape, CATEGORIES)),
    method="|".join(map(re.escape, METHODS)),
    variant="|".join(map(re.escape, VARIANTS)),
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


def of_first_seed(pattern, **wildcards):
    """An input function: that file, of the first training seed and the rule's category.

    It is a list where the pattern, or a wildcard such as `method`, is one.
    """
    several = any(isinstance(each, list) for each in (pattern, *wildcards.values()))

    def files(of_rule):
        given = {"category": of_rule.category, "seed": RUN.training_seeds[0]}
        found = expand(pattern, **given, **wildcards)
        return found if several else found[0]

    return files


def settings_of(*sections):
    """The named sections of the configuration as plain values: a change reruns the rule."""
    plain = RUN.model_dump(mode="json")
    return {section: plain[section] for section in sections}


def vector_sets(*parts):
    """These parts of the settings of 3DShape2VecSet: a change of another reruns nothing."""
    plain = RUN.vector_sets.model_dump(mode="json")
    return {part: plain[part] for part in parts}


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


def variant_settings(wildcards):
    """The settings of a rule's variant, or of its method's."""
    name = getattr(wildcards, "variant", None) or RUN.methods[wildcards.method].variant
    return RUN.variants[name].model_dump(mode="json")


def topological_terms(wildcards):
    """The weights of the joint training of a rule's method."""
    return RUN.methods[wildcards.method].topology.model_dump(mode="json")


def if_implicit(*patterns):
    """An input function: files that only implicit methods have."""
    return lambda wildcards: (
        [pattern.format(**wildcards) for pattern in patterns]
        if wildcards.method in IMPLICIT_METHODS
        else []
    )


def if_first_seed(pattern):
    """An input function: a file that only the first training seed has, because it costs time."""
    return lambda wildcards: (
        pattern.format(**wildcards)
        if int(wildcards.seed) == RUN.training_seeds[0]
        else []
    )


def gpus():
    """GPUs that a job with networks asks for; with `auto` too, which uses one if it gets it."""
    return 0 if RUN.device == "cpu" else 1
