"""What the paper's theory says beside what computation finds."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.theory import gathered_parts
from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.theory import summary, theory_document

numbers = gathered_parts(job.input)
publish_table(
    theory_document(numbers),
    summary(numbers),
    Path(job.output[0]).parent,
    inputs=job.input,
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
)
