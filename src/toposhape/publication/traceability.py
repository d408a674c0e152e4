"""Sidecars: what a published file was made from, as JSON beside it."""

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from toposhape.base.checksums import sha256
from toposhape.base.files import write_atomically

PACKAGES = (
    "toposhape",
    "torch",
    "numpy",
    "scipy",
    "numba",
    "gudhi",
    "lap",
    "trimesh",
    "libigl",
    "manifold3d",
    "scikit-image",
    "pandas",
    "matplotlib",
)


def write_sidecar(
    path: str | Path,
    *,
    inputs: Iterable[str | Path],
    config_digest: str,
    training_seeds: Iterable[int],
    draws: int | None = None,
    shapes: Mapping[str, Mapping[str, int]] | None = None,
    trainings: Iterable[str | Path] = (),
    cells: Iterable[Mapping[str, Any]] | None = None,
) -> Path:
    """Write `<path>.json`, which says where a published file comes from.

    Args:
        path: the table or figure, already written.
        inputs: the files that it was made from; their SHA-256 are noted.
        config_digest: of the run's settings.
        training_seeds: of the generators that are shown.
        draws: sets of synthetic shapes for each generator.
        shapes: by category the counts of `toposhape.publication.tables.summary.count_shapes`.
        trainings: the generators' JSON files, for the devices that they were trained on.
        cells: the numbers of a table, a mapping for each.

    Returns:
        The sidecar's path.

    Raises:
        FileNotFoundError: if the file or one of the inputs is not there.
    """
    path = Path(path)
    content: dict[str, Any] = {
        "file": path.name,
        "sha256": sha256(path),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "config_digest": config_digest,
        "training_seeds": list(training_seeds),
        "draws": draws,
        "shapes": shapes or {},
        "devices": training_devices(trainings),
        "machine": {
            "platform": platform.platform(),
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
        "versions": package_versions(),
        "git_revision": git_revision(),
        "inputs": {str(file): sha256(file) for file in inputs},
    }
    if cells is not None:
        content["cells"] = list(cells)
    sidecar = path.with_name(path.name + ".json")
    write_atomically(sidecar, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
    return sidecar


def training_devices(trainings: Iterable[str | Path]) -> dict[str, str]:
    """The device of every generator, by the path of its JSON file."""
    devices = {}
    for path in trainings:
        metadata = json.loads(Path(path).read_text(encoding="utf-8"))
        devices[str(path)] = str(metadata.get("device", "not recorded"))
    return devices


def package_versions() -> dict[str, str]:
    """Versions of the packages that a number may depend on; those not installed are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_revision() -> str | None:
    """The library's commit, with "+" if files differ from it; None outside of a repository."""
    folder = Path(__file__).resolve().parent
    commit = _git("rev-parse", "HEAD", folder=folder)
    if commit is None:
        return None
    changed = _git("status", "--porcelain", "--untracked-files=no", folder=folder)
    return commit + ("+" if changed else "")


def _git(*arguments: str, folder: Path) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git on this machine
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
