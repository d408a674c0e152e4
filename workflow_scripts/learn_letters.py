"""ShapeGF in the plane: a field of the outlines of letters."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.letters import run_letters
from toposhape.settings.gradient_fields import GradientFields

torch.set_num_threads(job.threads)
run_letters(
    GradientFields.model_validate(job.params.gradient_fields),
    job.params.epochs,
    job.params.run_seed,
    Path(job.params.checkpoints),
    Path(job.output.numbers).with_suffix(""),
    Path(job.output.numbers),
    Path(job.output.pictures),
)
finish(job)
