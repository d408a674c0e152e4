"""Ground-truth persistence diagrams and topology of one batch of shapes."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.truth import describe_batch
from toposhape.settings.topology import Topology

describe_batch(
    Path(job.input.manifest),
    Path(job.input.grid),
    Path(job.output.diagrams),
    Path(job.output.topology),
    Topology.model_validate(job.params.topology),
    job.threads,
)
finish(job)
