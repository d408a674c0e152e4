"""The zero set of a learned surface as a mesh."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.surfaces import draw_surface

torch.set_num_threads(job.threads)
draw_surface(
    Path(job.input.weights),
    Path(job.input.scan),
    job.params.resolution,
    Path(job.output.mesh),
    Path(job.output.middle),
)
finish(job)
