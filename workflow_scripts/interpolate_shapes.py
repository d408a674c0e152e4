"""Shapes along the way between the first two codes of a generator, with their diagrams."""

from running import start

job = start(snakemake)

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import trimesh

from toposhape.config import Topology
from toposhape.evaluation.synthesis import synthesise
from toposhape.generators.fields import SYNTHESIS_TOLERANCE, evaluate_on_grid
from toposhape.publication.gallery.walks import codes_on_arc
from toposhape.topology.tables import write_diagrams
from toposhape.training import choose_device, load_generator

torch.set_num_threads(job.threads)
params = job.params
generator = load_generator(job.input.weights, device=choose_device(params.device))
first, last = np.load(job.input.codes, mmap_mode="r", allow_pickle=False)[0, :2]
codes = codes_on_arc(first, last, params.frames)
shapes = synthesise(
    partial(
        evaluate_on_grid,
        generator.decoder,
        resolution=params.resolution,
        tolerance=SYNTHESIS_TOLERANCE,
    ),
    codes,
    Topology.model_validate(params.topology),
    points=1,  # meshes and diagrams are wanted, not points on the surface
    seed=0,
    threads=job.threads,
)

folder = Path(job.output.folder)
folder.mkdir(parents=True)
names = [f"{i:03d}" for i in range(len(codes))]
diagrams, topology = [], []
for name, shape in zip(names, shapes, strict=True):
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    mesh.export(folder / f"{name}.ply")
    diagrams.append(shape.topology.diagram)
    topology.append((name, *shape.topology.betti))

np.save(folder / "codes.npy", codes)
write_diagrams(folder / "diagrams.parquet", names, diagrams)
columns = ["shape", "b0", "b1", "b2"]
pd.DataFrame(topology, columns=columns).to_csv(folder / "topology.csv", index=False)
