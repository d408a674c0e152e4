"""Points and outer sheets of one batch of clouds."""

from pathlib import Path

from running import start

from toposhape.jobs.cloud_shapes import CloudRecipe, prepare_cloud_batch, read_frame
from toposhape.shapes.requests import ShapeRequest

if __name__ == "__main__":  # worker processes import this file again
    job = start(snakemake)
    params = job.params
    prepare_cloud_batch(
        [ShapeRequest(*request[:2]) for request in params.requests],
        Path(job.output.manifest).parent,
        CloudRecipe(
            params.resolution,
            params.offset,
            params.neighbours,
            params.up,
            params.seed,
            read_frame(job.input.frame) if job.input.frame else None,
        ),
        seconds=params.seconds,
        workers=job.threads,
    )
