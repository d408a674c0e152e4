"""ShapeGF in the plane with other levels, weights and starts: an ablation on letters."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.letter_ablation import ablate_letters
from toposhape.settings.gradient_fields import GradientFields

torch.set_num_threads(job.threads)
ablate_letters(
    GradientFields.model_validate(job.params.gradient_fields),
    job.params.epochs,
    job.params.run_seed,
    Path(job.params.checkpoints),
    Path(job.output.numbers).with_suffix(""),
    Path(job.output.numbers),
)
finish(job)
