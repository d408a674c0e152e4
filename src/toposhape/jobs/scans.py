"""From point clouds, or virtual scans, to scans in the shape frame."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.settings.scans import CloudReading, Scans, VirtualScan
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.mesh_topology import Betti, mesh_betti_numbers
from toposhape.shapes.meshes import MeshRejected, load_mesh
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.point_clouds import (
    CheckedCloud,
    CloudRejected,
    PointCloud,
    check_cloud,
    read_cloud,
)
from toposhape.shapes.requests import MESH_SUFFIXES
from toposhape.shapes.scan_requests import ScanRequest
from toposhape.shapes.scanner import scan_mesh
from toposhape.shapes.scans import Scan, write_scan

COLUMNS = [
    *("scan", "status", "reason", "points", "normals", "not_finite", "duplicates", "outliers"),
    *("thinned", "turned", "truth", "source"),
]
_COUNTS = ("points", "not_finite", "duplicates", "outliers", "thinned", "turned")


class _Truth(NamedTuple):
    """The true surface of a scan, in the scan's units; faces None: a dense cloud."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64] | None
    betti: Betti | None


def check_scans(
    requests: Sequence[ScanRequest], settings: Scans, seed: int, manifest: Path
) -> None:
    """Write the manifest: one line for every requested scan, `ok` or `rejected` and why.

    Args:
        requests: of the run.
        settings: of the run's scans.
        seed: of the run.
        manifest: CSV file to write, columns `COLUMNS`.

    Raises:
        ValueError: with all reasons, if no scan can be used.
    """
    lines = [_line(request, settings, seed) for request in requests]
    rejected = [f"{line['scan']}: {line['reason']}" for line in lines if line["status"] != "ok"]
    if len(rejected) == len(lines):
        raise ValueError(f"no scan can be used; {'; '.join(rejected)}")
    for each in rejected:
        sys.stderr.write(f"left out, scan {each}\n")
    with whole(manifest) as file:
        table = pd.DataFrame(lines, columns=COLUMNS)
        table.astype(dict.fromkeys(_COUNTS, "Int64")).to_csv(file, index=False)


def prepare_scan(request: ScanRequest, settings: Scans, seed: int, path: Path) -> None:
    """Write one scan in the shape frame (`toposhape.shapes.scans`).

    Args:
        request: one whose line in the manifest is `ok`.
        settings: of the run's scans.
        seed: of the run.
        path: npz file to write.

    Raises:
        CloudRejected: if it is not `ok` any more.
        MeshRejected: if the file of the true surface is wrong.
    """
    virtual = settings.virtual.get(request.scan)
    write_scan(path, ready_scan(request, virtual, settings.reading, seed))


def ready_scan(
    request: ScanRequest, virtual: VirtualScan | None, reading: CloudReading, seed: int
) -> Scan:
    """Read or make a scan, check it, and put it and its truth into the shape frame.

    Args:
        request: which one.
        virtual: how it is made, if it is virtual.
        reading: which points are taken.
        seed: of the run.

    Raises:
        CloudRejected: with the reason, if it cannot be a scan.
        MeshRejected: with the reason, if the file of the true surface is wrong.
    """
    checked, truth = _checked(request, virtual, reading, seed)
    points, normals = checked.cloud
    transform = normalising_transform(points)
    return Scan(
        transform.apply(points).astype(np.float32),
        None if normals is None else normals.astype(np.float32),
        transform.apply(truth.vertices) if truth else None,
        truth.faces if truth else None,
        truth.betti if truth else None,
        transform,
    )


def _line(request: ScanRequest, scans: Scans, seed: int) -> dict[str, Any]:
    source = f"virtual:{request.scan}" if request.file is None else str(request.file)
    line = {"scan": request.scan, "status": "ok", "source": source, "truth": request.truth}
    try:
        virtual = scans.virtual.get(request.scan)
        checked, _ = _checked(request, virtual, scans.reading, seed)
    except (CloudRejected, MeshRejected) as error:
        return {**line, "status": "rejected", "reason": str(error)}
    counts = {name: getattr(checked, name) for name in _COUNTS if name != "points"}
    normals = checked.cloud.normals is not None
    return {**line, **counts, "points": len(checked.cloud.points), "normals": normals}


def _checked(
    request: ScanRequest, virtual: VirtualScan | None, reading: CloudReading, seed: int
) -> tuple[CheckedCloud, _Truth | None]:
    random = np.random.default_rng([seed, 0x5CB])
    if request.file is not None:
        return check_cloud(read_cloud(request.file), reading, random), _read_truth(request.truth)
    assert virtual is not None  # requests without a file are made of the virtual scans
    cloud, truth = _scanned(virtual, seed)
    return check_cloud(cloud, reading, random), truth


def _scanned(virtual: VirtualScan, seed: int) -> tuple[PointCloud, _Truth]:
    """A virtual scan: the same shape is seen from the same places whatever the noise is."""
    shape = make_shape(virtual.furniture, seed, virtual.index)
    random = np.random.default_rng([seed, virtual.index, 0x5CA])
    cloud = scan_mesh(shape.vertices, shape.faces, virtual, random)
    betti = (shape.topology.b0, shape.topology.b1, shape.topology.b2)
    return cloud, _Truth(shape.vertices, shape.faces, betti)


def _read_truth(file: Path | None) -> _Truth | None:
    """A mesh with its Betti numbers where it is watertight, or a cloud of points."""
    if file is None:
        return None
    try:
        if file.suffix.lower() not in MESH_SUFFIXES:
            return _Truth(read_cloud(file).points, None, None)
        mesh = load_mesh(file)
    except (CloudRejected, MeshRejected) as error:
        raise MeshRejected(f"ground truth {file}: {error}") from error
    normalised = normalising_transform(mesh.vertices).apply(mesh.vertices)
    betti = mesh_betti_numbers(normalised, mesh.faces) if mesh.watertight else None
    return _Truth(mesh.vertices, mesh.faces, betti)
