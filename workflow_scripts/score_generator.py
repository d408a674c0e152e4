"""Scores of one generator's synthetic shapes against the test shapes."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd

from toposhape.config import Topology
from toposhape.evaluation.score_table import score_generator
from toposhape.evaluation.shape_sets import prepared_set, synthetic_sets
from toposhape.shapes.prepared import PreparedShapes

scores = score_generator(
    job.wildcards.category,
    job.wildcards.method,
    int(job.wildcards.seed),
    synthetic_sets(job.input.diagrams, job.input.surfaces, job.input.topology),
    prepared_set(
        json.loads(Path(job.input.split).read_text())["test"],
        job.input.true_diagrams,
        PreparedShapes(job.input.manifest, job.input.true_surfaces),
        PreparedShapes(job.input.manifest, job.input.true_grids),
        Topology.model_validate(job.params.topology),
        job.params.surface_points,
    ),
    pd.read_csv(job.input.reconstruction)["chamfer"].tolist(),
)
scores.to_csv(job.output.scores, index=False)
