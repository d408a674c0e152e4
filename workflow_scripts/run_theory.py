"""One part of the paper's theory, with all its seeds."""

from running import finish, start

job = start(snakemake)

from toposhape.jobs.theory import run_theory

run_theory(job.wildcards.part, job.params.theory, job.output.numbers, job.output.pictures)
finish(job)
