"""Codes of one generator whose shapes are as wanted, for the prior filtered_density."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.generators.filtered_codes import save_filtered_codes
from toposhape.generators.implicit.store import load_generator
from toposhape.jobs.code_filter import filter_codes
from toposhape.jobs.critic import Critic
from toposhape.learning.seeds import choose_device
from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.topology import Topology

torch.set_num_threads(job.threads)
params = job.params
generator = load_generator(job.input.generator[0], choose_device(params.device))
topology = Topology.model_validate(params.topology)
filtered, description = filter_codes(
    generator,
    Critic.beside(Path(job.input.generator[0]), topology).cost,
    CodeFilter.model_validate(params.code_filter),
    resolution=params.resolution,
    topology=topology,
    seed=1000 * params.run_seed + int(job.wildcards.seed),
    checkpoints=params.checkpoints,
    threads=job.threads,
    title=f"{job.wildcards.method}, {job.wildcards.category}: codes",
)
save_filtered_codes(job.output.weights, job.output.metadata, filtered, description)
finish(job)
