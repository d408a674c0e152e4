"""Pretraining of one shape generator."""

from running import finish, start, training_files

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.learning.processes import join_team, start_processes
from toposhape.settings.implicit import ShapeGenerator, Variant
from toposhape.shapes.prepared import PreparedShapes

settings = ShapeGenerator.model_validate(job.params.shape_generator)
start_processes(settings.training.processes)
torch.set_num_threads(job.threads)
split = json.loads(Path(job.input.split).read_text())
train_shape_generator(
    PreparedShapes(job.input.manifest, job.input.samples),
    split["training"],
    split["validation"],
    settings,
    Variant.model_validate(job.params.variant),
    **training_files(job),
    device=join_team(job.params.device),
    title=f"{job.wildcards.variant}, {job.wildcards.category}",
)
finish(job)
