"""Plane reproduction: the theorems, the initial sphere, and surfaces of known distance."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.plane import reproduce_plane

torch.set_num_threads(job.threads)
reproduce_plane(
    job.params.seeds, job.params.run_seed, Path(job.output.numbers), Path(job.output.pictures)
)
finish(job)
