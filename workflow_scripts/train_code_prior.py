"""Second stage of ShapeGF: a prior of the codes of shapes."""

from running import finish, start, training_files

job = start(snakemake)

import torch
from cloud_jobs import cloud_sources

from toposhape.generators.gradient_fields.prior_training import train_code_prior
from toposhape.learning.seeds import choose_device
from toposhape.settings.gradient_fields import GradientFields

torch.set_num_threads(job.threads)
train_code_prior(
    job.input.field,
    cloud_sources(job.input),
    job.params.prior,
    GradientFields.model_validate(job.params.gradient_fields),
    **training_files(job),
    device=choose_device(job.params.device),
    title=f"{job.wildcards.method}, {job.wildcards.category}: prior",
)
finish(job)
