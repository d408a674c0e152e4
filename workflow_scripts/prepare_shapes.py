"""Signed distance samples, grids and visible surfaces of one batch of shapes."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import ShapeRequest

prepare_batch(
    [ShapeRequest(*request) for request in job.params.requests],
    Path(job.output.manifest).parent,
    up=job.params.up,
    seed=job.params.seed,
    workers=job.threads,
    **job.params.shapes,
)
