"""What a peer makes of one scan."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.surfaces import reconstruct_by_peer

reconstruct_by_peer(job.wildcards.surface, Path(job.input[0]), Path(job.output[0]))
finish(job)
