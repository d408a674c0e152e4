"""New scans in a shape space of scans, and how well it has them."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.scan_space import score_scan_space
from toposhape.settings.scans import ScanSpace

torch.set_num_threads(job.threads)
score_scan_space(
    Path(job.input.weights),
    ScanSpace.model_validate(job.params.space),
    (job.params.run_seed, int(job.wildcards.seed)),
    job.params.samples,
    (Path(job.output.scores), Path(job.output.fields)),
)
finish(job)
