"""One network for many virtual scans."""

from running import finish, start, training_files

job = start(snakemake)

import torch

from toposhape.jobs.scan_space import train_scan_space
from toposhape.learning.seeds import choose_device
from toposhape.settings.scans import ScanSpace

torch.set_num_threads(job.threads)
train_scan_space(
    ScanSpace.model_validate(job.params.space),
    **training_files(job),
    device=choose_device(job.params.device),
)
finish(job)
