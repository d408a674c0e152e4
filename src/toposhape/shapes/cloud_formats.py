"""Point clouds in the formats of laser scanners and robots, by libraries that are extras."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

EXTRA = "pip install toposhape[clouds]"
_LAS_NORMALS = ("NormalX", "NormalY", "NormalZ")
"""Dimensions that CloudCompare and PDAL add to LAS files, which know no normals."""
_PCD_NORMALS = ("normal_x", "normal_y", "normal_z")
_MOST_POINTS = 100_000_000
_HEADER_BYTES = 4096

Columns = NDArray[np.float64]


def read_las(path: Path) -> Columns:
    """Read a LAS file, compressed (.laz) or not, by laspy.

    Returns:
        (n, 3) in the file's units, scaled and shifted as its header says; (n, 6) with normals.

    Raises:
        ModuleNotFoundError: if laspy or its decompressor is not installed.
        ValueError: if the header promises too many points.
    """
    laspy = _extra("laspy", "lazrs")
    with laspy.open(path) as file:
        _require_few(file.header.point_count)
        read = file.read()
    named = set(read.point_format.dimension_names)
    normals = [read[name] for name in _LAS_NORMALS] if named.issuperset(_LAS_NORMALS) else []
    return np.column_stack([read.x, read.y, read.z, *normals]).astype(np.float64)


def read_pcd(path: Path) -> Columns:
    """Read a file of the Point Cloud Library, ASCII, binary or compressed, by pypcd4.

    Returns:
        (n, 3) in the file's units; (n, 6) with the fields normal_x, normal_y, normal_z.

    Raises:
        ModuleNotFoundError: if pypcd4 is not installed.
        ValueError: if x, y or z are missing, or the file has not the points that it promises.
    """
    pypcd4 = _extra("pypcd4")
    with path.open("rb") as file:
        promised = re.search(rb"(?m)^POINTS\s+(\d+)", file.read(_HEADER_BYTES))
    if promised is None:
        raise ValueError("its header does not say how many POINTS there are")
    _require_few(int(promised[1]))
    read = pypcd4.PointCloud.from_path(path)
    normals = _PCD_NORMALS if set(read.fields) >= set(_PCD_NORMALS) else ()
    names = ("x", "y", "z", *normals)
    if missing := set(names) - set(read.fields):
        raise ValueError(f"no field {', '.join(sorted(missing))}")
    points = np.atleast_1d(read.pc_data)
    if len(points) != int(promised[1]):
        raise ValueError(f"{int(promised[1])} points are promised, {len(points)} are there")
    return np.column_stack([points[name] for name in names]).astype(np.float64)


def _require_few(promised: int) -> None:
    if promised > _MOST_POINTS:
        raise ValueError(f"{promised} points are promised, allowed are {_MOST_POINTS}")


def _extra(*names: str) -> ModuleType:
    """The first of these modules, all of which must be there."""
    try:
        return [import_module(name) for name in names][0]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"point clouds of this format are read by {' and '.join(names)}: {EXTRA}"
        ) from error
