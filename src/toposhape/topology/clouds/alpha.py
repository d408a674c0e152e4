"""Alpha and weak alpha filtrations on the Delaunay triangulation: critical simplices.

The alpha filtration gives a simplex the radius of its smallest circumscribed sphere if no other
point lies inside (it is *Gabriel*), else the least value of a simplex one dimension higher.  The
weak one gives it the length of its longest edge, as the Rips filtration does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..reduction.pairing import pairs_of_complex
from .delaunay import Triangulation, delaunay

Cells = NDArray[np.int64]
Values = list[NDArray[np.float64]]

INSIDE = 1 - 1e-12
"""Points on a sphere, but for rounding, are not inside."""
FLAT = 1e-9
"""Products of edges with a determinant below this share of their squares get pseudo-inverses."""


def weak_alpha_cells(points: NDArray[np.float64], degrees: int) -> list[Cells]:
    """Return the edges where classes are born and die, ``(m, 2, 2)`` for each degree."""
    complex = delaunay(points)
    values = [np.zeros(len(complex.simplices[0]))]
    sources = [complex.simplices[0][:, [0, 0]]]
    for k, faces in enumerate(complex.faces, start=1):
        if k == 1:
            ends = points[complex.simplices[1]]
            values.append(np.sqrt(np.square(ends[:, 0] - ends[:, 1]).sum(axis=1)))
            sources.append(complex.simplices[1])
            continue
        longest = faces[np.arange(len(faces)), values[-1][faces].argmax(axis=1)]
        values.append(values[-1][longest])
        sources.append(sources[-1][longest])
    return _critical_cells(complex, values, sources, degrees)


def alpha_cells(points: NDArray[np.float64], degrees: int) -> list[Cells]:
    """Return the simplices whose circumradii are the births and deaths, ``(m, 2, d + 1)``."""
    complex = delaunay(points)
    return _critical_cells(complex, *_alpha_values(points, complex), degrees)


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
    if corners.shape[1] == 2:
        return np.square(edges[:, 0]).sum(axis=1) / 4, first + edges[:, 0] / 2
    cofactors, determinants, squares = _cofactors(edges)
    solid = determinants > FLAT * squares.prod(axis=1)
    weights = np.einsum("nij,nj->ni", cofactors, squares)
    weights /= 2 * np.where(solid, determinants, 1)[:, None]
    if not solid.all():
        flat = edges[~solid]
        inverse = np.linalg.pinv(flat @ flat.transpose(0, 2, 1), rcond=1e-12, hermitian=True)
        weights[~solid] = (inverse @ squares[~solid, :, None])[:, :, 0] / 2
    centres = first + np.einsum("ni,nid->nd", weights, edges)
    return np.einsum("ni,ni->n", weights, squares) / 2, centres


def _cofactors(
    edges: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return cofactors ``(n, k, k)``, determinants and diagonals of the products of 2 or 3 edges.

    Written out: LAPACK takes ten times as long for many small matrices.
    """
    count, k = edges.shape[:2]
    g = np.empty((k, k, count))
    for i in range(k):
        for j in range(i, k):
            g[i, j] = g[j, i] = np.einsum("nd,nd->n", edges[:, i], edges[:, j])
    cofactors = np.empty((count, k, k))
    if k == 2:
        cofactors[:, 0, 0], cofactors[:, 1, 1] = g[1, 1], g[0, 0]
        cofactors[:, 0, 1] = cofactors[:, 1, 0] = -g[0, 1]
    else:
        for i, (a, b) in enumerate(((1, 2), (2, 0), (0, 1))):
            for j, (c, d) in enumerate(((1, 2), (2, 0), (0, 1))):
                cofactors[:, i, j] = g[a, c] * g[b, d] - g[a, d] * g[b, c]
    determinants = np.einsum("jn,nj->n", g[0], cofactors[:, 0])
    return cofactors, determinants, np.ascontiguousarray(np.diagonal(g))


def _alpha_values(
    points: NDArray[np.float64], complex: Triangulation
) -> tuple[Values, list[NDArray[np.int64]]]:
    """Return for each dimension the squared radii, and the simplices whose spheres these are."""
    simplices, width = complex.simplices, points.shape[1] + 1
    values: Values = [np.zeros(len(simplices[0]))] * len(simplices)
    sources = [corners[:, np.minimum(np.arange(width), k)] for k, corners in enumerate(simplices)]
    for k in reversed(range(1, len(simplices))):
        corners = simplices[k]
        values[k], centres = squared_circumradii(points, corners)
        if k + 1 == len(simplices):
            continue
        faces, above = complex.faces[k], simplices[k + 1]
        apart = np.square(points[above] - centres[faces]).sum(axis=2)
        gabriel = np.ones(len(corners), bool)
        gabriel[faces[apart < INSIDE * values[k][faces]]] = False
        origin = np.empty(len(corners), np.int64)
        highest_first = np.argsort(-values[k + 1], kind="stable")
        origin[faces[highest_first]] = highest_first[:, None]  # of several the last stays
        least = values[k + 1][origin]
        values[k] = np.where(gabriel, np.minimum(values[k], least), least)
        sources[k][~gabriel] = sources[k + 1][origin[~gabriel]]
    return values, sources


def _critical_cells(
    complex: Triangulation, values: Values, sources: list[NDArray[np.int64]], degrees: int
) -> list[Cells]:
    """Return the sources of the simplices where classes of some lifetime are born and die."""
    if _is_ball(complex):
        pairs = pairs_of_complex(complex.faces, values)
    else:
        pairs = _pairs_by_gudhi(complex.simplices, values)
    cells = []
    for k in range(degrees):
        birth, death = pairs[k].T if k < len(pairs) else np.empty((2, 0), np.int64)
        both = np.empty((len(birth), 2, sources[0].shape[1]), np.int64)
        if len(birth):
            both[:, 0], both[:, 1] = sources[k][birth], sources[k + 1][death]
            both = both[values[k][birth] < INSIDE * values[k + 1][death]]
        cells.append(both)
    return cells


def _is_ball(complex: Triangulation) -> bool:
    """Tell whether no face has more than two sides, and nothing is hollow.

    Qhull cuts a square between two cubes of a lattice into triangles in two ways at times, which
    leaves a flat cavity.
    """
    hollow = sum((-1) ** k * len(own) for k, own in enumerate(complex.simplices)) != 1
    return not hollow and all(np.bincount(own.ravel()).max() <= 2 for own in complex.faces[-1:])


def _pairs_by_gudhi(simplices: list[NDArray[np.int64]], values: Values) -> list[Cells]:
    """Return what `pairs_of_complex` does, for any complex."""
    import gudhi

    tree = gudhi.SimplexTree()
    for corners, value in zip(simplices, values, strict=True):
        tree.insert_batch(np.ascontiguousarray(corners.T, np.int32), value)
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0.0, persistence_dim_max=True)
    finite = [pair for pair in tree.persistence_pairs() if pair[1]]
    numbers = [{tuple(own): i for i, own in enumerate(table.tolist())} for table in simplices]
    pairs: list[list[tuple[int, int]]] = [[] for _ in simplices]
    for birth, death in finite:
        k = len(birth) - 1
        ends = numbers[k][tuple(sorted(birth))], numbers[k + 1][tuple(sorted(death))]
        pairs[k].append(ends)
    return [np.array(own, np.int64).reshape(-1, 2) for own in pairs]
