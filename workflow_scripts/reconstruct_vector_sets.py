"""Encode every test shape's surface, decode it, and measure how near the surfaces are."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import trimesh

from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.evaluation.vector_sets import reconstruct_field
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.training import choose_device
from toposhape.training.vector_set_store import load_autoencoder

torch.set_num_threads(job.threads)
params = job.params
seed = 1000 * params.run_seed + int(job.wildcards.seed)
test = json.loads(Path(job.input.split).read_text())["test"]
autoencoder, metadata = load_autoencoder(job.input.weights, choose_device(params.device))
encoded = metadata["training"]["surface_points"]
surfaces = PreparedShapes(job.input.manifest, job.input.surfaces)

meshes = Path(job.output.meshes)
meshes.mkdir(parents=True)
distances = []
for i, shape in enumerate(test):
    field = reconstruct_field(autoencoder, surfaces[shape][:encoded], params.resolution)
    vertices, faces = extract_surface(field)
    trimesh.Trimesh(vertices, faces, process=False).export(meshes / f"{i:03d}.ply")
    points = surface_points(vertices, faces, params.surface_points, seed + i)
    distances.append(chamfer_distance(points, np.array(surfaces[shape][: len(points)])))
pd.DataFrame({"shape": test, "chamfer": distances}).to_csv(job.output.distances, index=False)
finish(job)
