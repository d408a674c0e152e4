"""A surface learned from one scan."""

from running import finish, start, training_files

job = start(snakemake)

import torch

from toposhape.generators.scans.fitting import fit_surface
from toposhape.learning.seeds import choose_device
from toposhape.settings.scans import SurfaceFitting, SurfaceMethod
from toposhape.shapes.scans import read_scan

torch.set_num_threads(job.threads)
scan = read_scan(job.input[0])
fit_surface(
    scan.points,
    scan.normals,
    SurfaceFitting.model_validate(job.params.fitting),
    SurfaceMethod.model_validate(job.params.method),
    betti=job.params.betti or scan.betti,
    **training_files(job),
    device=choose_device(job.params.device),
    title=f"{job.wildcards.surface}, {job.wildcards.scan}",
)
finish(job)
