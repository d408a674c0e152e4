"""One network for many virtual scans."""

from running import finish, start

job = start(snakemake)

import torch

from toposhape.jobs.scan_space import train_scan_space
from toposhape.learning.seeds import choose_device
from toposhape.settings.scans import ScanSpace

torch.set_num_threads(job.threads)
train_scan_space(
    ScanSpace.model_validate(job.params.space),
    (job.params.run_seed, int(job.wildcards.seed)),
    checkpoints=job.params.checkpoints,
    weights=job.output.weights,
    metadata=job.output.metadata,
    history=job.output.history,
    device=choose_device(job.params.device),
)
finish(job)
