"""Scores of one generator's synthetic shapes against the test shapes."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd

from toposhape.config import Topology
from toposhape.evaluation.generator_scores import compare_with_training, diagrams_of_codes
from toposhape.evaluation.score_table import score_generator
from toposhape.evaluation.scores import pd_lap
from toposhape.evaluation.shape_sets import prepared_set, synthetic_sets
from toposhape.shapes.prepared import PreparedShapes, open_rows
from toposhape.topology.tables import read_diagrams
from toposhape.training.diagram_store import load_diagram_generator

split = json.loads(Path(job.input.split).read_text())
draws = synthetic_sets(job.input.diagrams, job.input.surfaces, job.input.topology)


def generator_scores() -> dict[str, float]:
    """What the method's diagram generator makes of the same codes; nothing if it has none."""
    if not job.input.diagram_generator:
        return {}
    generator = load_diagram_generator(job.input.diagram_generator[0]).diagrams
    made = [
        diagrams_of_codes(generator, codes, job.params.topology["min_persistence"])
        for codes in open_rows(job.input.codes)
    ]
    test = read_diagrams(job.input.true_diagrams, split["test"])
    against_test = [pd_lap(each, test[: len(each)])["pd_lap"] for each in made]
    shapes, diagrams = compare_with_training(
        read_diagrams(job.input.true_diagrams, split["training"]),
        [diagram for each in draws for diagram in each.diagrams],
        [diagram for each in made for diagram in each],
    ).values()
    return {
        "generator_pd_lap": float(np.mean(against_test)),
        "pd_lap_training": shapes,
        "generator_pd_lap_training": diagrams,
    }


scores = score_generator(
    job.wildcards.category,
    job.wildcards.method,
    int(job.wildcards.seed),
    draws,
    prepared_set(
        split["test"],
        job.input.true_diagrams,
        PreparedShapes(job.input.manifest, job.input.true_surfaces),
        PreparedShapes(job.input.manifest, job.input.true_grids),
        Topology.model_validate(job.params.topology),
        job.params.surface_points,
    ),
    pd.read_csv(fitted)["chamfer"].tolist() if (fitted := job.input.reconstruction) else None,
    synthetic_sets(*job.input.posterior) if job.input.posterior else (),
    generator_scores(),
)
scores.to_csv(job.output.scores, index=False)
finish(job)
