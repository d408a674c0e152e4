"""The checked configuration, the folders of a run, and what the rules ask about both."""

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SOURCE = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SOURCE)  # the library is used from this checkout, installed or not
os.environ["PYTHONPATH"] = os.pathsep.join(
    [SOURCE, *filter(None, [os.environ.get("PYTHONPATH")])]
)

from toposhape.config import ConfigError, read_config
from toposhape.shapes.requests import assign_batches, list_requests

try:
    RUN = read_config(config)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

RESULTS = f"results/{RUN.name}"
SHAPES = f"{RESULTS}/shapes/{{category}}"
BATCH = f"{SHAPES}/batches/{{batch}}"
TRAINED = f"{RESULTS}/generators/{{category}}/{{method}}/seed{{seed}}"
SYNTHETIC = f"{RESULTS}/synthetic/{{category}}/{{method}}/seed{{seed}}"
SCORES = f"{RESULTS}/scores/{{category}}"
PUBLICATION = f"{RESULTS}/publication"
LOGS = f"{RESULTS}/logs"
TIMES = f"{RESULTS}/times"
FORMATS = ["csv", "md", "html", "tex"]
CATEGORIES = [category.name for category in RUN.chosen_categories]
METHODS = list(RUN.methods)


wildcard_constraints:
    category="|".join(map(re.escape, CATEGORIES)),
    method="|".join(map(re.escape, METHODS)),
    seed=r"\d+",
    batch=r"[0-9a-z]+",


def requested_batches(category):
    """Which shapes each batch of a category prepares: {batch: [ShapeRequest]}."""
    settings = RUN.category(category)
    requests = list_requests(**settings.model_dump(), seed=RUN.seed)
    return assign_batches(requests, RUN.shapes.batch_size)


BATCHES = {category: requested_batches(category) for category in CATEGORIES}


def batch_requests(wildcards):
    return [tuple(request) for request in BATCHES[wildcards.category][wildcards.batch]]


def of_all_batches(pattern):
    """An input function: that file of every batch of a category."""
    return lambda wildcards: expand(
        pattern, batch=list(BATCHES[wildcards.category]), allow_missing=True
    )


def settings_of(*sections):
    """The named sections of the configuration as plain values: a change reruns the rule."""
    plain = RUN.model_dump(mode="json")
    return {section: plain[section] for section in sections}


def method_settings(wildcards):
    return RUN.methods[wildcards.method].model_dump(mode="json")


def every_training(pattern, category="{category}"):
    """That file of every method and seed."""
    return expand(
        pattern,
        method=METHODS,
        seed=RUN.training_seeds,
        category=[category],
    )


def gpus():
    """GPUs that a training asks the scheduler for."""
    return 1 if RUN.device == "cuda" else 0
