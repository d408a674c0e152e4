"""What every script does first and last: threads, sound inputs, a free GPU; checksums."""

import os
import sys
from pathlib import Path
from typing import Any

from orphans import end_with_parent
from training_files import training_files as training_files

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))  # this checkout, installed or not

from toposhape.base.checksums import require_undamaged, write_checksums
from toposhape.base.garbage import collect_little
from toposhape.base.gpu_lease import lease_gpus
from toposhape.base.job_log import start_log

RANK = int(os.environ.get("RANK", "0"))  # torchrun numbers its processes


def start(snakemake: Any) -> Any:
    """Bound threads, start the log, compare inputs with their checksums, lease GPUs."""
    collect_little()
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(snakemake.threads)
    start_log(snakemake.log[0], snakemake.output, append=RANK > 0)
    end_with_parent()
    for path in map(Path, snakemake.input):
        # Arrays are compared when they are opened; what a user gave us is not ours to judge.
        if path.parts[0] == "results" and path.suffix != ".npy":
            require_undamaged(path)
    lease_gpus(snakemake.resources.get("gpu", 0))
    return snakemake


def finish(job: Any) -> None:
    """List the checksums of what a job has written, for the jobs that read it."""
    if RANK == 0:
        write_checksums(job.output)
