"""The manifest: what became of every requested shape."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from toposhape.base.files import whole

from .prepared import read_manifest

COLUMNS = [
    *("shape", "status", "reason", "batch", "row", "faces", "components", "watertight", "scale"),
    *("offset_x", "offset_y", "offset_z", "up", "geometry_hash", "inside_share"),
    "thin_share",
    *("declared_b0", "declared_b1", "declared_b2", "source"),
]
_INTEGERS = ["row", "faces", "components", "declared_b0", "declared_b1", "declared_b2"]
_SHOWN = 20


class TooManyRejected(RuntimeError):
    """More shapes were rejected than the configuration allows."""


def write_manifest(manifest: pd.DataFrame, path: str | Path) -> None:
    """Write a manifest such that it is there as a whole or not at all."""
    types = {name: "Int64" for name in _INTEGERS} | {"watertight": "boolean"}
    with whole(path) as temporary:
        manifest.astype(types).to_csv(temporary, index=False)


def gather_manifests(paths: Sequence[str | Path], max_rejected: float) -> pd.DataFrame:
    """Join the batches' manifests to one table, sorted by shape.

    Args:
        paths: the batches' manifests.
        max_rejected: largest share of rejected shapes.

    Raises:
        TooManyRejected: with the list of the rejected shapes, if they are more.
    """
    tables = [table for table in map(read_manifest, paths) if len(table)]
    if not tables:
        raise TooManyRejected("no shapes were requested: is the data folder empty?")
    manifest = pd.concat(tables, ignore_index=True)
    manifest = manifest.sort_values("shape", kind="stable", ignore_index=True)
    rejected = manifest[manifest["status"] != "ok"]
    if len(rejected) > max_rejected * len(manifest) or len(rejected) == len(manifest):
        raise TooManyRejected(_complaint(rejected, len(manifest), max_rejected))
    return manifest


def _complaint(rejected: pd.DataFrame, requested: int, max_rejected: float) -> str:
    lines = [f"  {line.shape}: {line.reason}" for line in rejected.head(_SHOWN).itertuples()]
    if len(rejected) > _SHOWN:
        lines += ["and by reason:"]
        lines += [
            f"  {count} x {reason}" for reason, count in rejected["reason"].value_counts().items()
        ]
    return "\n".join(
        [
            f"{len(rejected)} of {requested} shapes were rejected, allowed is a share of "
            f"{max_rejected:g} (shapes.max_rejected). Mend or remove these, or raise the limit:",
            *lines,
        ]
    )
