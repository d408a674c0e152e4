"""The cloud of every synthetic shape of a generator of gradient fields."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.point_clouds import draw_clouds
from toposhape.learning.seeds import choose_device

torch.set_num_threads(job.threads)
draw_clouds(
    Path(job.input.generator[0]),
    Path(job.input.codes),
    Path(job.output.clouds),
    job.params.points,
    device=choose_device(job.params.device),
    sampling=job.params.sampling,
)
finish(job)
