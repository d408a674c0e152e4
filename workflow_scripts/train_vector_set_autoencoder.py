"""First stage of 3DShape2VecSet: shapes as sets of latents."""

from running import finish, start, training_files

job = start(snakemake)

import torch
from vector_set_jobs import shape_sources

from toposhape.generators.vector_sets.autoencoder_training import train_vector_set_autoencoder
from toposhape.learning.seeds import choose_device
from toposhape.settings.vector_sets import VectorSets

torch.set_num_threads(job.threads)
settings = VectorSets.model_validate(job.params.vector_sets)
train_vector_set_autoencoder(
    shape_sources(job.input),
    settings.autoencoder,
    settings.autoencoder_training,
    **training_files(job),
    device=choose_device(job.params.device),
    title=f"{job.wildcards.method}, {job.wildcards.category}: autoencoder",
)
finish(job)
