"""What the sidecars of a job's tables and figures tell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toposhape.publication.tables.summary import count_shapes
from toposhape.publication.traceability import write_sidecar


def origin(job: Any) -> dict[str, Any]:
    """What `write_sidecar` is told: all input files of a job, and the settings of the run.

    Args:
        job: of a rule with `origin_inputs` and `origin_params` (rules/common_publication.smk).
    """
    given, params = job.input, job.params
    categories = params.get("categories") or [job.wildcards.category]
    counted = zip(categories, given.manifests, given.splits, strict=True)
    return {
        "inputs": sorted(set(_files(given))),
        "config_digest": params.config_digest,
        "training_seeds": params.training_seeds,
        "draws": params.get("draws"),
        "shapes": {category: count_shapes(*files) for category, *files in counted},
        "trainings": given.get("trainings", []),
    }


def write_sidecars(job: Any) -> None:
    """Say beside every output of a job what it was made from."""
    told = origin(job)
    for path in job.output:
        write_sidecar(path, **told)


def _files(paths: list[str]) -> Iterator[str]:
    """The files among some paths and in the folders among them."""
    for path in map(Path, paths):
        yield from map(str, filter(Path.is_file, path.rglob("*")) if path.is_dir() else [path])
