"""First stage of ShapeGF: a denoiser of the points of encoded shapes."""

from running import finish, start, training_files

job = start(snakemake)

import torch
from cloud_jobs import cloud_sources

from toposhape.generators.gradient_fields.training import train_gradient_field
from toposhape.learning.seeds import choose_device
from toposhape.settings.gradient_fields import GradientFields

torch.set_num_threads(job.threads)
settings = GradientFields.model_validate(job.params.gradient_fields)
train_gradient_field(
    cloud_sources(job.input),
    settings.encoder,
    settings.denoiser,
    settings.training,
    **training_files(job),
    device=choose_device(job.params.device),
    title=f"gradient field, {job.wildcards.category}",
)
finish(job)
