"""How many shapes of each category were accepted, and why the others were not."""

from running import start

job = start(snakemake)

from pathlib import Path

from sidecars import origin

from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.summary import shapes_counts_table, shapes_document

manifests = dict(zip(job.params.categories, job.input.manifests, strict=True))
splits = dict(zip(job.params.categories, job.input.splits, strict=True))
publish_table(
    shapes_document(manifests, splits),
    shapes_counts_table(manifests, splits),
    Path(job.output[0]).parent,
    **origin(job),
)
