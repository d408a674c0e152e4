"""Joint training of one method, from the pretrained generators of its variant."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.generators.diagrams.pretraining import stored_points
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.epochs import JointSettings
from toposhape.generators.joint.training import train_jointly
from toposhape.learning.seeds import choose_device
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.implicit import ShapeGenerator, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import read_diagrams

torch.set_num_threads(job.threads)
params = job.params
device = choose_device(params.device)
shapes = load_generator(job.input.weights, device)
given = job.input.diagram_weights
diagram_settings = DiagramGeneratorSettings.model_validate(params.diagram_generator)
train_jointly(
    PreparedShapes(job.input.manifest, job.input.samples),
    stored_points(read_diagrams(job.input.diagrams, shapes.shape_ids)),
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
