"""What shapes that no generator made would score: training shapes, medoid, nothing."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

from toposhape.config import Topology
from toposhape.evaluation.score_table import score_references
from toposhape.evaluation.shape_sets import prepared_set
from toposhape.shapes.prepared import PreparedShapes

params = job.params
split = json.loads(Path(job.input.split).read_text())
training, test = (
    prepared_set(
        split[part],
        job.input.diagrams,
        PreparedShapes(job.input.manifest, job.input.surfaces),
        PreparedShapes(job.input.manifest, job.input.grids),
        Topology.model_validate(params.topology),
        params.surface_points,
    )
    for part in ("training", "test")
)
scores = score_references(
    job.wildcards.category, training, test, params.draws, params.shapes_per_draw
)
scores.to_csv(job.output.scores, index=False)
finish(job)
