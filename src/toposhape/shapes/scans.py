"""Scans that are ready to be learned from, with what is known of the true surface."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.checksums import DamagedFileError
from toposhape.base.files import whole

from .mesh_topology import Betti
from .normalisation import Transform

_ARRAYS = ("points", "normals", "truth_vertices", "truth_faces", "betti", "scale", "offset")


class Scan(NamedTuple):
    """A point cloud in the shape frame, and the true surface if it is known.

    Attributes:
        points: (n, 3) float32, in the cube [-1, 1]^3, in an order that depends on the file.
        normals: (n, 3) float32 unit vectors, turned outwards; None if there are none.
        truth_vertices: (v, 3) float64, in the shape frame; None if the truth is not known.
        truth_faces: (f, 3) int64; none where the truth is a cloud of points.
        betti: pieces, handles and cavities of the true solid; None if they are not known.
        transform: from the file's units to the shape frame.
    """

    points: NDArray[np.float32]
    normals: NDArray[np.float32] | None
    truth_vertices: NDArray[np.float64] | None
    truth_faces: NDArray[np.int64] | None
    betti: Betti | None
    transform: Transform


def write_scan(path: str | Path, scan: Scan) -> None:
    """Write a scan as .npz; what is not known is an empty array."""
    none = np.zeros((0, 3))
    arrays: dict[str, Any] = {
        "points": scan.points,
        "normals": none.astype(np.float32) if scan.normals is None else scan.normals,
        "truth_vertices": none if scan.truth_vertices is None else scan.truth_vertices,
        "truth_faces": none.astype(np.int64) if scan.truth_faces is None else scan.truth_faces,
        "betti": np.array([] if scan.betti is None else scan.betti, np.int64),
        "scale": np.array(scan.transform.scale),
        "offset": np.asarray(scan.transform.offset),
    }
    with whole(path) as file, file.open("wb") as stream:
        np.savez(stream, **arrays)


def read_scan(path: str | Path) -> Scan:
    """Read what `write_scan` has written.

    Raises:
        DamagedFileError: if it is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever the reader trips over, the file is at fault
        raise DamagedFileError(path, " ".join(str(error).split())[:200]) from error
    pieces, handles, cavities = map(int, arrays["betti"]) if len(arrays["betti"]) else (-1,) * 3
    return Scan(
        arrays["points"],
        _if_any(arrays["normals"]),
        _if_any(arrays["truth_vertices"]),
        arrays["truth_faces"] if len(arrays["truth_vertices"]) else None,
        None if pieces < 0 else (pieces, handles, cavities),
        Transform(float(arrays["scale"]), arrays["offset"]),
    )


def _if_any(array: NDArray[Any]) -> NDArray[Any] | None:
    return array if len(array) else None


def require_normals(scan: Scan, name: str, method: str) -> NDArray[np.float32]:
    """The normals of a scan.

    Raises:
        ValueError: if it has none.
    """
    if scan.normals is None:
        raise ValueError(
            f"scan {name} has no normals, which method {method} needs: take the method out "
            f"(scans.methods: {{{method}: null}}), or give normals"
        )
    return scan.normals
