"""Which meshes of a category are test shapes, before the others are scanned."""

from running import finish, start

job = start(snakemake)

from toposhape.jobs.scanned_shapes import split_true_shapes

split_true_shapes(
    job.input,
    job.output.manifest,
    job.output.split,
    shares=job.params.shares,
    seed=job.params.seed,
    given=job.params.given,
    max_rejected=job.params.max_rejected,
)
finish(job)
