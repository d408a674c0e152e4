"""Ten sets of shapes from 3DShape2VecSet: diagrams, surfaces, meshes of the first set."""

from running import progress, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import trimesh

from toposhape.config import Topology
from toposhape.evaluation.synthesis import draw_codes, synthesise
from toposhape.evaluation.vector_sets import VectorSetGenerator
from toposhape.topology.tables import write_diagrams
from toposhape.training import choose_device
from toposhape.vector_set_settings import HeunSampler

torch.set_num_threads(job.threads)
params = job.params
title = f"{job.wildcards.method}, {job.wildcards.category}: synthetic shapes"
generator = VectorSetGenerator.load(
    job.input.autoencoder,
    job.input.weights,
    HeunSampler.model_validate(params.sampler),
    params.resolution,
    choose_device(params.device),
)
n = params.shapes_per_draw or len(json.loads(Path(job.input.split).read_text())["test"])
seed = 1000 * params.run_seed + int(job.wildcards.seed)
codes = draw_codes(params.draws, n, generator.latent_size, seed)
shapes = synthesise(
    generator.fields,
    codes.reshape(params.draws * n, -1),
    Topology.model_validate(params.topology),
    points=params.surface_points,
    seed=seed,
    threads=job.threads,
)

meshes = Path(job.output.meshes)
meshes.mkdir(parents=True)
diagrams, topology = [], []
surfaces = np.empty((params.draws * n, params.surface_points, 3), np.float32)
for i, shape in enumerate(progress(shapes, params.draws * n, title)):
    draw, index = divmod(i, n)
    diagrams.append(shape.topology.diagram)
    surfaces[i] = shape.surface
    counts = (*shape.topology.betti, shape.topology.dilated_pieces)
    topology.append((draw, index, *counts, shape.is_empty))
    if draw == 0:
        trimesh.Trimesh(shape.vertices, shape.faces, process=False).export(
            meshes / f"{index:03d}.ply"
        )

np.save(job.output.codes, codes)
np.save(job.output.surfaces, surfaces.reshape(params.draws, n, -1, 3))
columns = ["draw", "shape", "b0", "b1", "b2", "b0_dilated", "empty"]
pd.DataFrame(topology, columns=columns).to_csv(job.output.topology, index=False)
write_diagrams(
    job.output.diagrams,
    [f"{index:03d}" for _ in range(params.draws) for index in range(n)],
    diagrams,
    sets=[draw for draw in range(params.draws) for _ in range(n)],
)
