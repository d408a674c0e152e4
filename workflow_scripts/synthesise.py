"""Sets of synthetic shapes of one generator: diagrams, surfaces, meshes of the first set."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.generators import load
from toposhape.jobs.critic import best_by_diagrams
from toposhape.jobs.plan import set_size
from toposhape.jobs.synthesis import SyntheticFiles, codes_of_row, synthesise_sets, wanted_of
from toposhape.learning.seeds import choose_device
from toposhape.settings.topology import Topology

torch.set_num_threads(job.threads)
params, output = job.params, job.output
generator = load(job.input.generator[0], choose_device(params.device), params.sampling)
n = set_size(params.shapes_per_draw, len(json.loads(Path(job.input.split).read_text())["test"]))
seed = 1000 * params.run_seed + int(job.wildcards.seed)
row = params.get("otherwise", {"prior": params.get("prior")})
topology = Topology.model_validate(params.topology)
synthesise_sets(
    generator,
    codes_of_row(generator, row, params.draws, n, seed),
    SyntheticFiles(**{name: Path(path) for name, path in output.items()}),
    resolution=params.resolution,
    topology=topology,
    points=params.surface_points,
    seed=seed,
    wanted=wanted_of(row),
    best=best_by_diagrams(row.get("best_of", 1), Path(job.input.generator[0]), topology),
    repaired=row.get("repair", False),
    threads=job.threads,
    title=f"{job.wildcards.method}, {job.wildcards.category}: synthetic shapes",
)
finish(job)
