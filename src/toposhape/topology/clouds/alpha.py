"""Alpha and weak alpha filtrations on the Delaunay triangulation: critical simplices.

The alpha filtration gives a simplex the radius of its smallest circumscribed sphere if no other
point lies inside (it is *Gabriel*), else the least value of a simplex one dimension higher.  The
weak one gives it the length of its longest edge, as the Rips filtration does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .delaunay import delaunay_simplices
from .rips import Cells, flag_cells

INSIDE = 1 - 1e-12
"""Points on a sphere, but for rounding, are not inside."""


def weak_alpha_cells(points: NDArray[np.float64], degrees: int) -> list[Cells]:
    """Return the edges where classes are born and die, ``(m, 2, 2)`` for each degree."""
    simplices = delaunay_simplices(points)
    values = [np.zeros(len(simplices[0]))]
    for corners in simplices[1:]:
        apart = points[corners][:, :, None] - points[corners][:, None]
        values.append(np.sqrt(np.square(apart).sum(axis=3)).max(axis=(1, 2)))
    return flag_cells(_reduced(simplices, values), degrees)


def alpha_cells(points: NDArray[np.float64], degrees: int) -> list[Cells]:
    """Return the simplices whose circumradii are the births and deaths, ``(m, 2, d + 1)``."""
    simplices = delaunay_simplices(points)
    values, sources = _alpha_values(points, simplices)
    tree = _reduced(simplices, values)
    cells: list[Cells] = []
    width = points.shape[1] + 1
    pairs = [(birth, death) for birth, death in tree.persistence_pairs() if death]
    for degree in range(degrees):
        ends = [pair for pair in pairs if len(pair[0]) == degree + 1]
        both = np.empty((len(ends), 2, width), np.int64)
        lived = np.empty((len(ends), 2))
        for side, k in ((0, degree), (1, degree + 1)):
            if ends:
                found = _rows(simplices[k], np.array([pair[side] for pair in ends]), len(points))
                both[:, side], lived[:, side] = sources[k][found], values[k][found]
        cells.append(both[lived[:, 0] < INSIDE * lived[:, 1]])
    return cells


def squared_circumradii(
    points: NDArray[np.float64], corners: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return squared radii and centres of the smallest circumscribed spheres of k-simplices.

    The centre is ``p0 + sum_i c_i e_i`` with the edges e from p0; it has equal distance to all
    corners if ``G c = diag(G) / 2``, G being the products of edges.  Flat simplices whose corners
    lie on a common sphere, as those of lattices, have several solutions and one centre.
    """
    first = points[corners[:, 0]]
    edges = points[corners[:, 1:]] - first[:, None]
    products = edges @ edges.transpose(0, 2, 1)
    halves = np.diagonal(products, axis1=1, axis2=2) / 2
    inverse = np.linalg.pinv(products, rcond=1e-12, hermitian=True)
    weights = (inverse @ halves[:, :, None])[:, :, 0]
    return (weights * halves).sum(axis=1), first + (weights[:, :, None] * edges).sum(axis=1)


def _alpha_values(
    points: NDArray[np.float64], simplices: list[NDArray[np.int64]]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.int64]]]:
    """Return for each dimension the squared radii, and the simplices whose spheres these are."""
    count, width = len(points), points.shape[1] + 1
    values: list[NDArray[np.float64]] = [np.empty(0)] * len(simplices)
    sources: list[NDArray[np.int64]] = [np.empty((0, width), np.int64)] * len(simplices)
    for k in reversed(range(len(simplices))):
        corners = simplices[k]
        padding = np.repeat(corners[:, -1:], width - corners.shape[1], axis=1)
        sources[k] = np.concatenate([corners, padding], axis=1)
        if k == 0:
            values[k] = np.zeros(len(corners))
            continue
        values[k], centres = squared_circumradii(points, corners)
        if k + 1 == len(simplices):
            continue
        least, origin = np.full(len(corners), np.inf), np.zeros(len(corners), np.int64)
        gabriel = np.ones(len(corners), bool)
        above = simplices[k + 1]
        for left_out in range(k + 2):
            face = _rows(corners, np.delete(above, left_out, axis=1), count)
            apart = np.square(points[above[:, left_out]] - centres[face]).sum(axis=1)
            gabriel[face[apart < INSIDE * values[k][face]]] = False
            order = np.argsort(-values[k + 1], kind="stable")  # of several the least stays
            better = order[values[k + 1][order] < least[face[order]]]
            least[face[better]], origin[face[better]] = values[k + 1][better], better
        values[k] = np.where(gabriel, np.minimum(values[k], least), least)
        sources[k][~gabriel] = sources[k + 1][origin[~gabriel]]
    return values, sources


def _rows(table: NDArray[np.int64], wanted: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the rows of a sorted table of simplices that hold some simplices."""
    powers = count ** np.arange(table.shape[1])[::-1]
    return np.searchsorted(table @ powers, np.sort(wanted, axis=1) @ powers)


def _reduced(simplices: list[NDArray[np.int64]], values: list[NDArray[np.float64]]) -> Any:
    """Return gudhi's tree of a filtration, persistence computed."""
    import gudhi

    tree = gudhi.SimplexTree()
    for corners, value in zip(simplices, values, strict=True):
        tree.insert_batch(np.ascontiguousarray(corners.T, np.int32), value)
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0.0, persistence_dim_max=True)
    return tree
