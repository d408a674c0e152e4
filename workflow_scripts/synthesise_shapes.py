"""Sets of synthetic shapes of one generator: diagrams, surfaces, meshes of the first set."""

from running import finish, start

job = start(snakemake)

import json
from functools import partial
from pathlib import Path

import torch
from synthetic_files import write_synthetic_files

from toposhape.config import Topology
from toposhape.evaluation.synthesis import draw_codes, posterior_codes, synthesise
from toposhape.generators.fields import SYNTHESIS_TOLERANCE, evaluate_on_grid
from toposhape.training import choose_device, load_generator

torch.set_num_threads(job.threads)
params = job.params
title = f"{job.wildcards.method}, {job.wildcards.category}: synthetic shapes"
generator = load_generator(job.input.weights, device=choose_device(params.device))
n = params.shapes_per_draw or len(json.loads(Path(job.input.split).read_text())["test"])
seed = 1000 * params.run_seed + int(job.wildcards.seed)
codes = draw_codes(params.draws, n, generator.decoder.latent_size, seed)
if params.code_source == "posterior":
    codes = posterior_codes(generator.codes, codes, seed)
shapes = synthesise(
    partial(
        evaluate_on_grid,
        generator.decoder,
        resolution=params.resolution,
        tolerance=SYNTHESIS_TOLERANCE,
    ),
    codes.reshape(params.draws * n, -1),
    Topology.model_validate(params.topology),
    points=params.surface_points,
    seed=seed,
    threads=job.threads,
)
write_synthetic_files(job.output, codes, shapes, title)
finish(job)
