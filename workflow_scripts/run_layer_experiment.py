"""One experiment of the TopologyLayer paper with one seed."""

from running import finish, start

job = start(snakemake)

import torch

from toposhape.jobs.layer_experiments import run_layer_experiment

torch.set_num_threads(job.threads)
run_layer_experiment(
    job.wildcards.experiment,
    int(job.wildcards.seed),
    job.params.experiments,
    job.output.numbers,
    job.output.pictures,
)
finish(job)
