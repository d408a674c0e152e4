"""One manifest, one table of diagrams and one of topology; stops when too many are rejected."""

from running import finish, start

job = start(snakemake)

from toposhape.jobs.shapes import gather_batches

gather_batches(
    job.input.manifests,
    job.input.diagrams,
    job.input.topology,
    manifest=job.output.manifest,
    joined=job.output.diagrams,
    topology=job.output.topology,
    max_rejected=job.params.max_rejected,
)
finish(job)
