"""Fit a code to every test shape and measure how near its surface comes."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import trimesh

from toposhape.config import Reconstruction
from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.generators.fields import SYNTHESIS_TOLERANCE, evaluate_on_grid
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.training import choose_device, load_generator, reconstruct

torch.set_num_threads(job.threads)
params = job.params
settings = Reconstruction.model_validate(params.reconstruction)
seed = 1000 * params.run_seed + int(job.wildcards.seed)
test = json.loads(Path(job.input.split).read_text())["test"]
generator = load_generator(job.input.weights, device=choose_device(params.device))
codes = reconstruct(
    generator.decoder, PreparedShapes(job.input.manifest, job.input.samples), test, settings, seed
)
surfaces = PreparedShapes(job.input.manifest, job.input.surfaces)

meshes = Path(job.output.meshes)
meshes.mkdir(parents=True)
distances = []
for i, (shape, code) in enumerate(zip(test, codes, strict=True)):
    field = evaluate_on_grid(
        generator.decoder, code[None], params.resolution, tolerance=SYNTHESIS_TOLERANCE
    )[0]
    vertices, faces = extract_surface(field)
    trimesh.Trimesh(vertices, faces, process=False).export(meshes / f"{i:03d}.ply")
    points = surface_points(vertices, faces, settings.surface_points, seed + i)
    distances.append(chamfer_distance(points, np.array(surfaces[shape][: len(points)])))
pd.DataFrame({"shape": test, "chamfer": distances}).to_csv(job.output.distances, index=False)
finish(job)
