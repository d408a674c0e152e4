"""Distances of all surfaces beside the printed ones."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.scans import gathered_scores, scans_document

scores = gathered_scores(map(Path, job.input))
publish_table(
    scans_document(scores),
    scores,
    Path(job.output[0]).parent,
    inputs=job.input,
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
)
