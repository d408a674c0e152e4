"""Second stage of 3DShape2VecSet: diffusion on the sets of latents."""

from running import finish, start, training_files

job = start(snakemake)

import torch
from vector_set_jobs import shape_sources

from toposhape.generators.vector_sets.diffusion_training import train_set_diffusion
from toposhape.learning.seeds import choose_device
from toposhape.settings.vector_sets import VectorSets

torch.set_num_threads(job.threads)
settings = VectorSets.model_validate(job.params.vector_sets)
train_set_diffusion(
    job.input.autoencoder,
    shape_sources(job.input),
    settings.denoiser,
    settings.diffusion_training,
    **training_files(job),
    device=choose_device(job.params.device),
    title=f"{job.wildcards.method}, {job.wildcards.category}: diffusion",
)
finish(job)
