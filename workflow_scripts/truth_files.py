"""Where a job finds the prepared shapes of its category."""

from pathlib import Path
from typing import Any

from toposhape.jobs.scoring import TruthFiles


def truth_files(inputs: Any) -> TruthFiles:
    """The files of a rule whose inputs are `TRUTH` (rules/common_batches.smk)."""
    return TruthFiles(
        Path(inputs.diagrams),
        Path(inputs.topology),
        list(map(Path, inputs.surfaces)),
        Path(inputs.manifest),
        Path(inputs.split),
    )
