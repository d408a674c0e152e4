"""Relative errors of learned distances beside the printed ones."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.base.tables import read_table
from toposhape.publication.tables.plane import plane_document
from toposhape.publication.tables.publish import publish_table

errors = read_table(job.input[0], texts=("surface", "start"), needed=("seed", "mean", "median"))
publish_table(
    plane_document(errors),
    errors,
    Path(job.output[0]).parent,
    inputs=job.input,
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
)
