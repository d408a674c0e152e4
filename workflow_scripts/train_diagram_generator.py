"""Pretraining of one diagram generator."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.config import DiagramGeneratorSettings
from toposhape.topology.tables import read_diagrams
from toposhape.training import choose_device, load_generator
from toposhape.training.diagram_generator import stored_points, train_diagram_generator

torch.set_num_threads(job.threads)
validation = json.loads(Path(job.input.split).read_text())["validation"]
shapes = load_generator(job.input.weights, device=choose_device(job.params.device))
train_diagram_generator(
    shapes,
    stored_points(read_diagrams(job.input.diagrams, shapes.shapes)),
    stored_points(read_diagrams(job.input.diagrams, validation)),
    DiagramGeneratorSettings.model_validate(job.params.diagram_generator),
    min_persistence=job.params.min_persistence,
    seed=(job.params.run_seed, int(job.wildcards.seed)),
    checkpoints=job.params.checkpoints,
    weights=job.output.weights,
    metadata=job.output.metadata,
    history=job.output.history,
    title=f"diagrams of {job.wildcards.variant}, {job.wildcards.category}",
)
finish(job)
