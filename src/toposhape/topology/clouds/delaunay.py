"""Delaunay triangulations that stand duplicates, flat clouds and clouds far from the origin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FLAT = 1e-10
"""Share of the cloud's size below which an extent is rounding."""


class Triangulation(NamedTuple):
    """A cloud's triangulation.

    Attributes:
        simplices: for each dimension k, from 0 to the span's, ``(m, k + 1)`` indices of points,
            ascending.
        faces: for each dimension k from 1 on ``(m, k + 1)`` numbers of the faces; face j leaves out
            corner j.
    """

    simplices: list[NDArray[np.int64]]
    faces: list[NDArray[np.int64]]


def delaunay(points: NDArray[np.float64]) -> Triangulation:
    """Triangulate a cloud ``(n, d)`` within the space that it spans.

    Of points that coincide the first one stands for all.
    """
    unique, first = _distinct_points(points)
    if not len(unique):
        return Triangulation([np.empty((0, 1), np.int64)], [])
    frame = _within_span(unique)
    if frame.shape[1] == 0:
        top = np.arange(len(unique))[:1, None]
    elif frame.shape[1] == 1:
        order = frame[:, 0].argsort()
        top = np.stack([order[:-1], order[1:]], axis=1)
    else:
        from scipy.spatial import Delaunay

        top = Delaunay(frame).simplices
    simplices = [_distinct(np.sort(first[top], axis=1).astype(np.int64), len(points))[0]]
    faces = []
    for size in range(top.shape[1] - 1, 0, -1):
        above = simplices[-1]
        parts = [np.delete(above, corner, axis=1) for corner in range(size + 1)]
        below, numbers = _distinct(np.concatenate(parts), len(points))
        simplices.append(below)
        faces.append(np.ascontiguousarray(numbers.reshape(size + 1, -1).T))
    return Triangulation(simplices[::-1], faces[::-1])


def _distinct_points(
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return points once each, by coordinates, and where each stands first."""
    order = np.lexsort(points.T[::-1])
    ordered = points[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(points)]
    return ordered[new], order[new]


def _distinct(
    simplices: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return simplices ``(m, k)`` of so many points once each, and which of these each one is."""
    powers = count ** np.arange(simplices.shape[1])[::-1]
    numbers, which = np.unique(simplices @ powers, return_inverse=True)
    return numbers[:, None] // powers % count, which


def _within_span(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return centred points in a frame of the space that they span."""
    centred: NDArray[np.float64] = points - points.mean(axis=0)
    _, extents, axes = np.linalg.svd(centred, full_matrices=False)
    spanning = extents > FLAT * max(extents.max(initial=0), np.finfo(float).tiny)
    if spanning.sum() < points.shape[1]:
        centred = centred @ axes[spanning].T
    return centred
