"""The TopologyLayer paper's claims beside our numbers."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.layer_experiments import gathered_numbers
from toposhape.publication.tables.layer_experiments import layer_experiments_document, summary
from toposhape.publication.tables.publish import publish_table

numbers = gathered_numbers(job.input.numbers)
publish_table(
    layer_experiments_document(numbers),
    summary(numbers),
    Path(job.output[0]).parent,
    inputs=job.input.numbers,
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
)
