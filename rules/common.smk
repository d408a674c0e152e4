"""The checked configuration, the folders of a run, and what the rules ask about both."""

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(
    0, str(Path(workflow.basedir) / "src")
)  # this checkout, installed or not

from toposhape.config import ConfigError, read_config
from toposhape.shapes.batches import (
    assign_batches,
    read_assignment,
    write_assignment,
)
from toposhape.shapes.requests import list_requests

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
TABLES = ["table1", "table2", "details", "shapes"]
FORMATS = ["csv", "md", "html", "tex"]
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
OVERVIEW_METHODS = [method for method in (PLAIN, TOPOLOGICAL) if method]
COMPARED_METHODS = [m for m in RUN.publication.compared_methods if m in METHODS]
GALLERY_SHAPES = 300  # about so many on the page; more would make it slow to open
GALLERY_ROW = max(8, GALLERY_SHAPES // (len(CATEGORIES) * len(METHODS)))
OVERVIEW_SHAPES = 9
WALK_FRAMES = 13
PICTURED = max(
    GALLERY_ROW, OVERVIEW_SHAPES, WALK_FRAMES, RUN.publication.shapes_per_row
)


wildcard_constraints:
    category="|".join(map(re.escape, CATEGORIES)),
    method="|".join(map(re.escape, METHODS)),
    variant="|".join(map(re.escape, VARIANTS)),
    seed=r"\d+",
    batch=r"[0-9a-z]+",


def requested_batches(category):
    """Which shapes each batch of a category prepares: {batch: [ShapeRequest]}."""
    settings = RUN.category(category)
    try:
        requests = list_requests(**settings.model_dump(), seed=RUN.seed)
        earlier = read_assignment(REQUESTED.format(category=category))
    except ValueError as error:
        raise WorkflowError(f"category {category}: {error}") from None
    return assign_batches(requests, RUN.shapes.batch_size, earlier)


BATCHES = {category: requested_batches(category) for category in CATEGORIES}


def store_batches():
    """Remember the batches when a run starts: shapes that come later then make new ones."""
    for category, batches in BATCHES.items():
        write_assignment(REQUESTED.format(category=category), batches)


def batch_requests(wildcards):
    """The shapes of a batch as plain values: other shapes mean another batch, and it reruns."""
    return [tuple(request) for request in BATCHES[wildcards.category][wildcards.batch]]


def mesh_files(wildcards):
    """The meshes of a batch that exist; what is missing is for the manifest to say."""
    if RUN.category(wildcards.category).source == "procedural":
        return []
    sources = [source for _, source in batch_requests(wildcards)]
    return [source for source in sources if os.path.isfile(source)]


def given_split_files(wildcards):
    """The split files that come with a category's data."""
    return list(RUN.category(wildcards.category).split_files)


def preparation_settings():
    """What `prepare_batch` is told; the split and the limit of rejections are no part of it."""
    plain = RUN.shapes.model_dump(mode="json")
    return {
        key: plain[key]
        for key in plain
        if key not in ("batch_size", "max_rejected", "split")
    }


def of_all_batches(pattern):
    """An input function: that file of every batch of a category."""
    return lambda wildcards: expand(
        pattern, batch=list(BATCHES[wildcards.category]), category=wildcards.category
    )


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


def all_scores():
    """Score tables of every generator, and of what is no generator."""
    generators, references = SCORE_FILES
    return [*of_all_generators(generators), *expand(references, category=CATEGORIES)]


def settings_of(*sections):
    """The named sections of the configuration as plain values: a change reruns the rule."""
    plain = RUN.model_dump(mode="json")
    return {section: plain[section] for section in sections}


def vector_sets(*parts):
    """These parts of the settings of 3DShape2VecSet: a change of another reruns nothing."""
    plain = RUN.vector_sets.model_dump(mode="json")
    return {part: plain[part] for part in parts}


def variant_settings(wildcards):
    """The settings of a rule's variant, or of its method's."""
    name = getattr(wildcards, "variant", None) or RUN.methods[wildcards.method].variant
    return RUN.variants[name].model_dump(mode="json")


def topological_terms(wildcards):
    """The weights of the joint training of a rule's method."""
    return RUN.methods[wildcards.method].topology.model_dump(mode="json")


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


def gpus():
    """GPUs that a job with networks asks for; with `auto` too, which uses one if it gets it."""
    return 0 if RUN.device == "cpu" else 1


def pictures_of(folders):
    """Where the pictures of folders of meshes are; or an input function, of an input function."""
    if callable(folders):
        return lambda wildcards: pictures_of(folders(wildcards))
    return [f"{PICTURES}/{os.path.relpath(folder, RESULTS)}" for folder in folders]


def published_table(name, label, category="Tables"):
    """The files of a table; the report shows the HTML."""
    html = report(
        f"{PUBLICATION}/{name}.html",
        caption=f"../report/{name}.rst",
        category=category,
        labels={"table": label},
    )
    return [
        html,
        *expand(f"{PUBLICATION}/{name}.{{format}}", format=["csv", "md", "tex"]),
    ]


def published_figure(kind, heading, by_category=True):
    """The files of a figure; the report shows the PNG."""
    name = (
        f"{PUBLICATION}/{kind}_{{category}}" if by_category else f"{PUBLICATION}/{kind}"
    )
    png = report(
        f"{name}.png",
        caption=f"../report/{kind}.rst",
        category="Figures",
        subcategory=heading,
        labels={"category": "{category}"} if by_category else {},
    )
    return {"png": png, "pdf": f"{name}.pdf"}


def origin_inputs(categories=None):
    """What sidecars count shapes by: of the rule's category, or of several."""
    return {
        name: (
            expand(f"{SHAPES}/{file}", category=categories)
            if categories
            else [f"{SHAPES}/{file}"]
        )
        for name, file in (("manifests", "manifest.csv"), ("splits", "split.json"))
    }


def origin_params(seeds=RUN.training_seeds[:1]):
    """What sidecars tell of the run."""
    return {
        "config_digest": RUN.digest(),
        "training_seeds": seeds,
        "draws": RUN.evaluation.draws,
    }


def publication_files():
    """Everything that a run publishes."""
    figures = [
        "overview",
        "samples",
        "training",
        "diagrams",
        "betti",
        "barcodes",
        "latents",
    ]
    figures += ["interpolation"] if LIPSCHITZ and TOPOLOGICAL else []
    figures += ["matrices"] if PLAIN else []
    return [
        *expand(f"{PUBLICATION}/{{table}}.{{format}}", table=TABLES, format=FORMATS),
        f"{PUBLICATION}/comparison.png",
        f"{PUBLICATION}/gallery.html",
        *expand(
            f"{PUBLICATION}/{{figure}}_{{category}}.png",
            figure=figures,
            category=CATEGORIES,
        ),
    ]
