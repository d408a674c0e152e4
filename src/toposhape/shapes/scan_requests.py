"""Which scans a run asks for.

Snakemake imports this module while it plans, so it needs nothing heavy.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from toposhape.settings.scans import Scans

from .ids import is_plain, unique_ids
from .requests import CLOUD_SUFFIXES, MESH_SUFFIXES

SCANS, GROUND_TRUTH = "scans", "ground_truth"
"""Folders of the surface reconstruction benchmark, as Williams et al. (DGP, 2019) lay it out."""


class ScanRequest(NamedTuple):
    """A scan that a run asks for.

    Attributes:
        scan: id, unique in its run.
        file: of the point cloud; None: a virtual scan of that name.
        truth: file of the true surface, a mesh or a dense cloud; None: nobody knows it.
    """

    scan: str
    file: Path | None
    truth: Path | None


def request_scans(settings: Scans) -> list[ScanRequest]:
    """List the scans of a run: those of its folder, or the virtual ones.

    Raises:
        ValueError: if there are none, or a file's name cannot be written to a text file.
    """
    if not settings.folder:
        if not settings.virtual:
            raise ValueError("scans: name a folder of point clouds, or virtual scans")
        return [ScanRequest(name, None, None) for name in settings.virtual]
    root = Path(settings.folder)
    if not root.is_dir():
        raise ValueError(f"scans.folder: there is no folder {settings.folder!r}; mend its path")
    clouds = root / SCANS if (root / SCANS).is_dir() else root
    files = _files(clouds, CLOUD_SUFFIXES)
    if not files:
        known = ", ".join(sorted(CLOUD_SUFFIXES))
        raise ValueError(f"scans.folder: no point cloud in {str(clouds)!r}; known are {known}")
    if odd := [file for file in files if not is_plain(str(file))]:
        raise ValueError(f"scans.folder: rename {ascii(str(odd[0]))}, which no text file can hold")
    truths = {
        file.stem: file for file in _files(root / GROUND_TRUTH, CLOUD_SUFFIXES | MESH_SUFFIXES)
    }
    names = [file.name for file in files]
    stems = [file.stem for file in files]
    return [
        ScanRequest(scan, file, truths.get(file.stem))
        for scan, file in zip(unique_ids(stems, names), files, strict=True)
    ]


def _files(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """The visible files of a folder with these suffixes, by name."""
    if not folder.is_dir():
        return []
    found = (file for file in folder.iterdir() if not file.name.startswith("."))
    return sorted(file for file in found if file.suffix.lower() in suffixes)
