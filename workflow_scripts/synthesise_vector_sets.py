"""Ten sets of shapes from 3DShape2VecSet: diagrams, surfaces, meshes of the first set."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import torch
from synthetic_files import write_synthetic_files

from toposhape.config import Topology
from toposhape.evaluation.synthesis import draw_codes, synthesise
from toposhape.evaluation.vector_sets import VectorSetGenerator
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
write_synthetic_files(job.output, codes, shapes, title)
finish(job)
