"""Which shapes are for training, for validation and for the tables."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

from toposhape.jobs.shapes import write_split

true_split = job.input.get("given")
write_split(
    job.input.manifest,
    job.output.split,
    shares=job.params.shares,
    seed=job.params.seed,
    given=json.loads(Path(true_split).read_bytes()) if true_split else job.params.given,
)
finish(job)
