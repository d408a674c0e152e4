"""Signed distance samples, grids and visible surfaces of one batch of shapes."""

from pathlib import Path

from running import start

from toposhape.settings.shapes import Shapes
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import ShapeRequest

if __name__ == "__main__":  # worker processes import this file again
    job = start(snakemake)
    prepare_batch(
        [ShapeRequest(*request[:2]) for request in job.params.requests],
        Path(job.output.manifest).parent,
        Shapes.model_validate(job.params.shapes),
        up=job.params.up,
        seed=job.params.seed,
        workers=job.threads,
    )
