"""Shapes auto-encoded as clouds: how near they come, and the ways of some."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch
from cloud_jobs import cloud_source

from toposhape.base.files import whole
from toposhape.jobs.cloud_trajectories import write_shown
from toposhape.jobs.point_clouds import reconstruct_clouds
from toposhape.learning.seeds import choose_device
from toposhape.shapes.prepared import PreparedShapes

torch.set_num_threads(job.threads)
given, params = job.input, job.params
surfaces = PreparedShapes(given.manifest, given.surfaces)
loading = {"device": choose_device(params.device), "sampling": params.sampling}
sources = {part: cloud_source(given, part) for part in ("training", "test")}
weights = Path(given.generator)
found = reconstruct_clouds(weights, sources, surfaces, params.points, **loading)
with whole(job.output.reconstruction) as file:
    found.to_csv(file, index=False)
write_shown(
    Path(job.output.shown),
    weights,
    sources["test"],
    surfaces,
    params.points,
    params.resolution,
    **loading,
)
finish(job)
