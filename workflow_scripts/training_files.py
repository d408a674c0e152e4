"""What the jobs that train tell their training."""

from typing import Any


def training_files(job: Any) -> dict[str, Any]:
    """What every training function takes by these names: its seed and where its files lie."""
    return {
        "seed": (job.params.run_seed, int(job.wildcards.seed)),
        "checkpoints": job.params.checkpoints,
        "weights": job.output.weights,
        "metadata": job.output.metadata,
        "history": job.output.history,
    }
