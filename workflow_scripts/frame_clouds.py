"""The frame that all clouds of a category share."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.cloud_shapes import write_frame
from toposhape.shapes.requests import ShapeRequest

write_frame(
    [ShapeRequest(*request[:2]) for request in job.params.requests],
    job.params.up,
    Path(job.output.frame),
)
finish(job)
