"""How differently two sets of clouds fill space: the Jensen-Shannon divergence (JSD).

Achlioptas et al., Learning Representations and Generative Models for 3D Point Clouds, ICML 2018.
All points of a set together make one distribution over cells, so that it sees where a set's mean
shape is and nothing of single shapes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

CELLS = 28
"""Along each edge, as published."""


def occupancy_divergence(
    clouds_a: ArrayLike, clouds_b: ArrayLike, *, extent: float = 1.0, cells: int = CELLS
) -> float:
    """Jensen-Shannon divergence of the points of two sets of clouds.

    Every point counts for the nearest of the cells' centres, which are a lattice of [-extent,
    extent]^3 within the ball of that radius.

    Args:
        clouds_a: ``(n, P, 3)``, or any number of points ``(..., 3)``.
        clouds_b: ``(m, Q, 3)``.
        extent: half the edge of the box; 1 for the shape frame. Published numbers have clouds in
            the ball of radius 1/2 and 1/2 here.
        cells: along each edge.

    Returns:
        Between 0 and 1 (base 2): 0 for equal distributions, 1 if no cell has points of both.

    Raises:
        ValueError: for a set without points, of another dimension, or with a coordinate that is
            not finite; for less than two cells or an extent that is not positive.
    """
    if cells < 2 or not extent > 0:
        raise ValueError(f"2 cells and a positive extent are needed, not {cells} and {extent}")
    axis = np.linspace(-extent, extent, cells)
    lattice = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    tree = cKDTree(lattice[np.linalg.norm(lattice, axis=1) <= extent])
    p, q = (_shares(tree, clouds, name) for clouds, name in ((clouds_a, "a"), (clouds_b, "b")))
    return max(0.0, _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2)


def _shares(tree: cKDTree, clouds: ArrayLike, name: str) -> NDArray[np.float64]:
    """Share of the points that each cell has."""
    points = np.asarray(clouds, dtype=np.float64)
    if points.size == 0 or points.ndim < 2 or points.shape[-1] != 3:
        raise ValueError(f"clouds of {name} have the shape {points.shape}, not (n, P, 3)")
    if not np.isfinite(points).all():
        raise ValueError(f"clouds of {name} have a coordinate that is not finite")
    _, nearest = tree.query(points.reshape(-1, 3))
    counts = np.bincount(nearest, minlength=tree.n)
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def _entropy(shares: NDArray[np.float64]) -> float:
    """In bits."""
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())
