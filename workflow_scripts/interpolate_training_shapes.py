"""Figure 2's shapes between two training shapes, by two generators, with their diagrams."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.jobs.interpolation import interpolate_training_shapes
from toposhape.learning.seeds import choose_device
from toposhape.settings.topology import Topology

torch.set_num_threads(job.threads)
params, given = job.params, job.input
device = choose_device(params.device)
interpolate_training_shapes(
    load_generator(given.lipschitz, device=device),
    load_generator(given.topological, device=device),
    load_diagram_generator(given.diagram_weights).diagrams,
    Path(given.diagrams),
    Path(given.topology),
    list(map(Path, job.output)),
    frames=params.frames,
    resolution=params.resolution,
    settings=Topology.model_validate(params.topology),
    threads=job.threads,
)
finish(job)
