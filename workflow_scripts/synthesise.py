"""Sets of synthetic shapes of one generator: diagrams, surfaces, meshes of the first set."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.generators import load
from toposhape.jobs.plan import set_size
from toposhape.jobs.synthesis import SyntheticFiles, draw_codes, prior_settings, synthesise_sets
from toposhape.learning.seeds import choose_device
from toposhape.settings.topology import Topology

torch.set_num_threads(job.threads)
params, output = job.params, job.output
generator = load(job.input.generator[0], choose_device(params.device), params.sampling)
test = json.loads(Path(job.input.split).read_text())["test"]
n = set_size(params.shapes_per_draw, len(test))
seed = 1000 * params.run_seed + int(job.wildcards.seed)
row = params.get("otherwise", {"prior": params.get("prior")})
synthesise_sets(
    generator,
    draw_codes(generator, row["prior"], params.draws, n, seed, **prior_settings(row)),
    SyntheticFiles(**{name: Path(path) for name, path in output.items()}),
    resolution=params.resolution,
    topology=Topology.model_validate(params.topology),
    points=params.surface_points,
    seed=seed,
    repaired=row.get("repair", False),
    threads=job.threads,
    title=f"{job.wildcards.method}, {job.wildcards.category}: synthetic shapes",
)
finish(job)
