"""Joint training of one method, from the pretrained generators of its variant."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.config import (
    DiagramGeneratorSettings,
    JointTraining,
    ShapeGenerator,
    TopologicalTerms,
    Topology,
    Variant,
)
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import read_diagrams
from toposhape.training import choose_device, load_generator
from toposhape.training.diagram_generator import stored_points
from toposhape.training.diagram_store import load_diagram_generator
from toposhape.training.joint_epochs import JointSettings
from toposhape.training.joint_training import train_jointly

torch.set_num_threads(job.threads)
params = job.params
device = choose_device(params.device)
shapes = load_generator(job.input.weights, device)
given = job.input.diagram_weights
diagram_settings = DiagramGeneratorSettings.model_validate(params.diagram_generator)
train_jointly(
    PreparedShapes(job.input.manifest, job.input.samples),
    stored_points(read_diagrams(job.input.diagrams, shapes.shapes)),
    shapes,
    load_diagram_generator(given, device) if given else None,
    JointSettings(
        JointTraining.model_validate(params.joint_training),
        TopologicalTerms.model_validate(params.terms),
        Variant.model_validate(params.variant),
        ShapeGenerator.model_validate(params.shape_generator).training,
        diagram_settings.training,
        Topology.model_validate(params.topology),
    ),
    diagram_settings,
    seed=(params.run_seed, int(job.wildcards.seed)),
    checkpoints=params.checkpoints,
    output=Path(job.output.weights).parent,
    history=job.output.history,
    title=f"{job.wildcards.method}, {job.wildcards.category}",
)
finish(job)
