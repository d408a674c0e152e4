"""What the neighbours of points tell: how dense they are, and how the surface lies."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

OUTLIER_NEIGHBOUR = 8
"""Distances to this neighbour tell outliers: a handful of stray points may lie together."""

Points = NDArray[np.float64]


def neighbour_distances(points: Points, neighbour: int) -> NDArray[np.float64]:
    """Distance of every point to its k-th neighbour, the first being the nearest other point.

    Args:
        points: shape (n, 3).
        neighbour: k; the farthest of all points where there are fewer.
    """
    which = min(neighbour + 1, len(points))
    distances: NDArray[np.float64] = cKDTree(points).query(points, k=[which])[0][:, 0]
    return distances


def pca_normals(points: Points, towards: Points, neighbours: int) -> Points:
    """Normals of the planes through each point's neighbours, turned to one side.

    Args:
        points: shape (n, 3), at least three.
        towards: shape (n, 3): where the normals shall point, such as the way to the scanner.
        neighbours: of a point, itself among them.

    Returns:
        Unit vectors, shape (n, 3): of the least principal component (Hoppe et al. 1992).
    """
    nearest = cKDTree(points).query(points, k=min(neighbours, len(points)))[1]
    around = points[nearest] - points[nearest].mean(axis=1, keepdims=True)
    normals = np.linalg.eigh(np.einsum("nki,nkj->nij", around, around))[1][:, :, 0]
    return np.where((normals * towards).sum(axis=1, keepdims=True) < 0, -normals, normals)


def contradicted_share(points: Points, normals: Points, neighbours: int = 12) -> float:
    """The share of normals that point against the sum of their neighbours'.

    It is small where all normals are turned to one side (0 to .002 of the benchmark's scans), up to
    a tenth where plates are thin and noise is large, and a half where signs are random.

    Args:
        points: shape (n, 3), more than one.
        normals: unit vectors, shape (n, 3).
        neighbours: of a point, the nearest others.
    """
    nearest = cKDTree(points).query(points, k=min(neighbours + 1, len(points)))[1][:, 1:]
    return float(((normals * normals[nearest].sum(axis=1)).sum(axis=1) < 0).mean())


def outliers(points: Points, factor: float) -> NDArray[np.bool_]:
    """Which points lie alone: their 8th neighbour is farther than so many medians of all.

    Args:
        points: shape (n, 3), finite.
        factor: 0: none is.
    """
    if factor == 0:
        return np.zeros(len(points), bool)
    distances = neighbour_distances(points, OUTLIER_NEIGHBOUR)
    largest = factor * float(np.median(distances))
    return distances > largest
