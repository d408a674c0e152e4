"""Scans of one batch of shapes: surfaces, and then signed distance as of any mesh."""

from pathlib import Path

from running import start

from toposhape.jobs.scanned_shapes import CloudReader, scanning_reader
from toposhape.settings.scans import ScannedShapes
from toposhape.settings.shapes import Shapes
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import ShapeRequest

if __name__ == "__main__":  # worker processes import this file again
    job = start(snakemake)
    settings = ScannedShapes.model_validate(job.params.scanned)
    true = job.input.get("split"), job.input.get("manifest")
    prepare_batch(
        [ShapeRequest(*request[:2]) for request in job.params.requests],
        Path(job.output.manifest).parent,
        Shapes.model_validate(job.params.shapes),
        up=job.params.up,
        seed=job.params.seed,
        workers=job.threads,
        read=scanning_reader(settings, true[1], true[0]) if all(true) else CloudReader(settings),
    )
