"""What a renderer asks of a mesh before it casts rays: sound arrays and normals to shade with."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_mesh", "corner_normals", "face_normals"]

FAN_LIMIT = 64  # vertices with more faces are centres of fans: flat caps, which stay flat


def checked_mesh(
    vertices: ArrayLike, faces: ArrayLike, colours: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Vertices (V, 3), faces (F, 3) and colours (3,) or (F, 3) in [0, 1], ready to draw.

    Raises:
        ValueError: If any of them is not that; the message says which and how to mend it.
    """
    vertices = np.asarray(vertices, dtype=np.float64)
    faces = np.asarray(faces, dtype=np.int64)
    for name, array in (("vertices", vertices), ("faces", faces)):
        if array.ndim != 2 or array.shape[1] != 3:
            raise ValueError(f"{name} have shape {array.shape}; give (n, 3)")
    colours = np.asarray(colours, dtype=np.float64)
    if not np.isfinite(vertices).all():
        raise ValueError("some vertices are not finite; remove or repair them before rendering")
    if len(faces) and not 0 <= faces.min() <= faces.max() < len(vertices):
        raise ValueError(f"faces name vertices outside 0 ... {len(vertices) - 1}")
    if colours.shape not in ((3,), (len(faces), 3)):
        raise ValueError(f"colours have shape {colours.shape}; give (3,) or ({len(faces)}, 3)")
    if not ((colours >= 0) & (colours <= 1)).all():
        raise ValueError("colours must lie between 0 and 1; divide bytes by 255")
    return vertices, faces, colours


def corner_normals(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], crease: float = 40.0
) -> NDArray[np.float64]:
    """Unit normals (F, 3, 3) of every corner of every face, smooth but for sharp edges.

    A corner's normal is the area-weighted mean over the faces at its vertex that lie within
    ``crease`` degrees of its own face.
    """
    area_normals = _area_normals(vertices, faces)
    units = _unit(area_normals)
    corner, other = _corner_pairs(faces)
    face, other_face = corner // 3, other // 3
    close = np.einsum("ij,ij->i", units[face], units[other_face]) > np.cos(np.radians(crease))
    corner, other_face = corner[close], other_face[close]
    sums = np.stack(
        [
            np.bincount(corner, weights=area_normals[other_face, axis], minlength=faces.size)
            for axis in range(3)
        ],
        axis=1,
        dtype=np.float64,
    )
    flat = np.repeat(units, 3, axis=0)
    return np.where((sums != 0).any(axis=1, keepdims=True), _unit(sums), flat).reshape(-1, 3, 3)


def face_normals(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """Unit normals (F, 3) by the winding; zero for faces without area."""
    return _unit(_area_normals(vertices, faces))


def _area_normals(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    return np.cross(b - a, c - a)


def _corner_pairs(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All ordered pairs of corners (face * 3 + place) that meet at one vertex."""
    order = np.argsort(faces.ravel(), kind="stable")
    _, first, count = np.unique(faces.ravel()[order], return_index=True, return_counts=True)
    keep = count <= FAN_LIMIT
    first, count = first[keep], count[keep]
    start = np.repeat(first, count)
    size = np.repeat(count, count)
    own = start + _counting(count)
    left = np.repeat(own, size)
    right = np.repeat(start, size) + _counting(size)
    return order[left], order[right]


def _counting(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 ... n - 1 for each n of ``lengths``, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300
    )
    return unit
