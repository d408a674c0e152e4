"""Which shapes are for training, for validation and for the tables."""

from running import finish, start

job = start(snakemake)

from toposhape.jobs.shapes import write_split

write_split(
    job.input.manifest,
    job.output.split,
    shares=job.params.shares,
    seed=job.params.seed,
    given=job.params.given,
)
finish(job)
