"""Pretraining of one diagram generator."""

from running import finish, start, training_files

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.generators.diagrams.pretraining import stored_points, train_diagram_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.learning.seeds import choose_device
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.topology.tables import read_diagrams

torch.set_num_threads(job.threads)
validation = json.loads(Path(job.input.split).read_text())["validation"]
shapes = load_generator(job.input.weights, device=choose_device(job.params.device))
train_diagram_generator(
    shapes,
    stored_points(read_diagrams(job.input.diagrams, shapes.shape_ids)),
    stored_points(read_diagrams(job.input.diagrams, validation)),
    DiagramGeneratorSettings.model_validate(job.params.diagram_generator),
    min_persistence=job.params.min_persistence,
    **training_files(job),
    title=f"diagrams of {job.wildcards.variant}, {job.wildcards.category}",
)
finish(job)
