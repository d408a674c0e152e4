"""Delaunay triangulations that stand duplicates, flat clouds and clouds far from the origin."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

FLAT = 1e-10
"""Share of the cloud's size below which an extent is rounding."""


def delaunay_simplices(points: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Triangulate a cloud within the space that it spans.

    Args:
        points: ``(n, d)``.  Of points that coincide the first one stands for all.

    Returns:
        For each dimension k, from 0 to the span's, ``(m, k + 1)`` indices of points, ascending.
    """
    unique, first = np.unique(points, axis=0, return_index=True)
    if not len(unique):
        return [np.empty((0, 1), np.int64)]
    frame = _within_span(unique)
    if frame.shape[1] == 0:
        top = np.arange(len(unique))[:1, None]
    elif frame.shape[1] == 1:
        order = frame[:, 0].argsort()
        top = np.stack([order[:-1], order[1:]], axis=1)
    else:
        from scipy.spatial import Delaunay

        top = Delaunay(frame).simplices
    top = np.sort(first[top], axis=1)
    size = top.shape[1]
    faces = [
        [top[:, corners] for corners in itertools.combinations(range(size), k + 1)]
        for k in range(size)
    ]
    return [_distinct(np.concatenate(parts).astype(np.int64), len(points)) for parts in faces]


def _distinct(simplices: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Sort simplices ``(m, k)`` of so many points, each once; as numbers, which is quicker."""
    powers = count ** np.arange(simplices.shape[1])[::-1]
    numbers = np.unique(simplices @ powers)
    return numbers[:, None] // powers % count


def _within_span(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return centred points in a frame of the space that they span."""
    centred = points - points.mean(axis=0)
    _, extents, axes = np.linalg.svd(centred, full_matrices=False)
    spanning = extents > FLAT * max(extents.max(initial=0), np.finfo(float).tiny)
    return centred if spanning.sum() == points.shape[1] else centred @ axes[spanning].T
