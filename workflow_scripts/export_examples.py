"""Surfaces of some training shapes, for the figures that show them."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.pictures import export_examples

export_examples(
    Path(job.input.manifest),
    list(map(Path, job.input.grids)),
    Path(job.input.split),
    Path(job.output.examples),
    job.params.examples,
)
finish(job)
