"""Reading point clouds that nobody has checked."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from toposhape.settings.scans import CloudReading

from .cloud_formats import read_las, read_pcd
from .meshes import FLATNESS, LARGEST_SIZE, MAX_BYTES, SMALLEST_SIZE
from .neighbours import Points, outliers
from .requests import CLOUD_SUFFIXES
from .visibility import outward_normals


class CloudRejected(ValueError):
    """A file that cannot become a scan; the message is the manifest's reason."""


class PointCloud(NamedTuple):
    """Points of a surface, in the units of their file."""

    points: Points
    """Shape (n, 3)."""
    normals: Points | None
    """Unit vectors, shape (n, 3), turned outwards; None if there are none."""

    def at(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "PointCloud":
        """Some of the points."""
        return PointCloud(self.points[rows], None if self.normals is None else self.normals[rows])


class CheckedCloud(NamedTuple):
    """A cloud that can be learned from, and what was left out of it."""

    cloud: PointCloud
    not_finite: int
    duplicates: int
    outliers: int
    thinned: int
    """Points that the limit of points left out."""
    turned: int
    """Normals that were turned to the other side."""


def read_cloud(path: str | Path) -> PointCloud:
    """Read a file of points as it is.

    Text has three columns, or six with normals; so has the array of a .npy file. A .npz file has
    the arrays `points` and perhaps `normals`. Of meshes the vertices are read. LAS and PCD files
    are read by libraries that are extras (`toposhape.shapes.cloud_formats`).

    Raises:
        CloudRejected: with the reason, for whatever is no such file.
        ModuleNotFoundError: if such a library is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise CloudRejected("not a regular file" if path.exists() else "file not found")
    if path.suffix.lower() not in CLOUD_SUFFIXES:
        raise CloudRejected(f"no format of point clouds: {path.suffix or 'no suffix'}")
    if not 0 < (size := path.stat().st_size) <= MAX_BYTES:
        raise CloudRejected(f"file of {size} bytes, allowed are 1 to {MAX_BYTES}")
    try:
        columns = _parse(path)
    except (CloudRejected, MemoryError, ModuleNotFoundError):
        raise
    except Exception as error:  # whatever a parser trips over, the file is at fault
        text = " ".join(str(error).split())[:120]
        raise CloudRejected(
            f"not readable as {path.suffix}: {text or type(error).__name__}"
        ) from error
    if columns.ndim != 2 or columns.shape[1] not in (3, 6):
        raise CloudRejected(
            f"an array of shape {columns.shape}; (n, 3) is needed, or (n, 6) with normals"
        )
    values = columns.astype(np.float64)
    return PointCloud(values[:, :3], values[:, 3:] if values.shape[1] == 6 else None)


def check_cloud(
    cloud: PointCloud, reading: CloudReading, random: np.random.Generator
) -> CheckedCloud:
    """Leave out what cannot be points of a surface, and refuse what is left if it is too little.

    Rows that are not finite, copies of points, and outliers go; normals become unit vectors, and a
    row whose normal has no direction goes with those that are not finite. Normals are turned
    outwards where they are not (`toposhape.shapes.visibility.outward_normals`).

    Args:
        cloud: as it was read.
        reading: limits.
        random: which points of a cloud that is too large stay.

    Raises:
        CloudRejected: with the reason.
    """
    given = len(cloud.points)
    cloud = cloud.at(_finite_rows(cloud))
    finite = len(cloud.points)
    _require_enough(finite, reading, "finite points")
    check_extents(cloud.points)
    cloud = cloud.at(np.sort(np.unique(cloud.points, axis=0, return_index=True)[1]))
    different = len(cloud.points)
    _require_enough(different, reading, "different points")
    if different > reading.max_points:
        cloud = cloud.at(np.sort(random.permutation(different)[: reading.max_points]))
    kept = len(cloud.points)
    cloud = cloud.at(~outliers(cloud.points, reading.outlier_factor))
    left = len(cloud.points)
    _require_enough(left, reading, "points that are no outliers")
    if given - finite > reading.max_removed * given:
        raise CloudRejected(f"{given - finite} of {given} points are not finite")
    if kept - left > reading.max_removed * kept:
        raise CloudRejected(f"{kept - left} of {kept} points are outliers")
    check_extents(cloud.points)
    turned = 0
    if cloud.normals is not None:
        unit = cloud.normals / np.linalg.norm(cloud.normals, axis=1, keepdims=True)
        outward = outward_normals(cloud.points, unit)
        turned = int(np.any(outward != unit, axis=1).sum())
        cloud = cloud._replace(normals=outward)
    gone = given - finite, finite - different, kept - left, different - kept
    return CheckedCloud(cloud, *gone, turned)


def _parse(path: Path) -> NDArray[np.floating]:
    suffix = path.suffix.lower()
    if suffix in (".txt", ".xyz"):
        return np.loadtxt(path, ndmin=2, comments=("#", "//"))
    if suffix in (".npy", ".npz"):
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            return _of_arrays(found) if isinstance(found, NpzFile) else found
    if suffix in (".las", ".laz"):
        return read_las(path)
    if suffix == ".pcd":
        return read_pcd(path)
    with path.open("rb") as file:
        found = trimesh.load(
            file, file_type=suffix[1:], process=False, allow_remote=False, skip_materials=True
        )
    vertices = getattr(found, "vertices", None)
    if vertices is None or len(vertices) == 0:
        raise CloudRejected("no vertices")
    return np.column_stack([vertices, *_ply_normals(found)])


def _of_arrays(found: NpzFile) -> NDArray[np.floating]:
    if "points" not in found:
        raise CloudRejected(f"no array `points`, only {', '.join(found.files) or 'nothing'}")
    return np.column_stack([found[name] for name in ("points", "normals") if name in found])


def _ply_normals(found: trimesh.Geometry) -> list[NDArray[np.floating]]:
    """The normals that a PLY file lists for its vertices: trimesh keeps them as raw data alone."""
    raw = found.metadata.get("_ply_raw", {}).get("vertex", {}).get("data")
    names = getattr(getattr(raw, "dtype", None), "names", None) or raw or ()
    if raw is None or not {"nx", "ny", "nz"} <= set(names):
        return []
    return [np.column_stack([raw[name] for name in ("nx", "ny", "nz")])]


def _finite_rows(cloud: PointCloud) -> NDArray[np.bool_]:
    sound: NDArray[np.bool_] = np.all(np.isfinite(cloud.points), axis=1)
    if cloud.normals is not None:
        sound &= np.isfinite(cloud.normals).all(axis=1)
        sound &= np.abs(cloud.normals).max(axis=1, initial=0) > SMALLEST_SIZE
    return sound


def _require_enough(count: int, reading: CloudReading, what: str) -> None:
    if count < reading.min_points:
        raise CloudRejected(f"{count} {what}, at least {reading.min_points} are needed")


def check_extents(points: Points) -> None:
    """Refuse points (n, 3) that are absurdly large or small, or lie in a plane.

    Raises:
        CloudRejected: with the reason.
    """
    largest_value = float(np.abs(points).max())
    if largest_value > LARGEST_SIZE:
        raise CloudRejected(f"absurd scale: coordinates up to {largest_value:.1g}")
    size = float(np.ptp(points, axis=0).max())
    if size < SMALLEST_SIZE or size < 1e-9 * largest_value:
        raise CloudRejected(f"degenerate: the whole cloud is {size:.1g} wide")
    directions = np.linalg.svd((points - points.mean(axis=0)) / size, compute_uv=False)
    if directions[-1] < FLATNESS * directions[0]:
        raise CloudRejected("flat: all points lie in one plane, which bounds no solid")
