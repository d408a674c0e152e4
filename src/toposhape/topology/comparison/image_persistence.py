"""Image persistence of two nested filtrations of a grid, by vertices.

With f <= g the superlevel sets of f lie in those of g at every level.  A class of f lives on in g
until it dies there: image persistence pairs the vertex of f where it is born with the vertex of g
where it dies.  Source: Bauer and Schmahl, Efficient computation of image persistence, SoCG 2023.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Kernel

from ..reduction.pairing import joins, pivots
from .cells import CellType, cell_types, neighbour_steps

_pair_components = Kernel(f"{__package__}.kernels", "pair_components")

Vertices = NDArray[np.int64]


class Descent(NamedTuple):
    """The vertices of a field on their way down; ties go by index.

    Attributes:
        order: (n,) vertices.
        rank: (D, H, W) the place of each of them.
    """

    order: Vertices
    rank: Vertices


def descent(field: NDArray[np.floating]) -> Descent:
    """Sort the vertices of a field ``(D, H, W)``."""
    order = np.argsort(-field.reshape(-1), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return Descent(order, rank.reshape(field.shape))


def image_persistence(f: Descent, g: Descent, degree: int, dim: int, complex: str) -> Vertices:
    """Pair births in f with deaths in g; pairs whose values make no bar are among them.

    Degrees 0 and dim - 1 are union-finds: a hole of dimension dim - 1 is a component of the
    complement, which shrinks as the set grows (Alexander duality).  Degree 1 in space is a matrix.

    Args:
        f: the lower field.
        g: the higher one.
        degree: of the classes, 0 to dim - 1.
        dim: of the grid, 1 to 3; fields of fewer dimensions have leading axes of length 1.
        complex: ``"freudenthal"`` or ``"cubical"``.

    Returns:
        ``(m, 2)`` flat indices: where a class dies in g, where it is born in f.
    """
    if degree == 0:
        return _joined(g.order, f.rank, neighbour_steps(complex, dim, False), False)
    if degree == dim - 1:
        steps = neighbour_steps(complex, dim, True)
        return _joined(f.order[::-1].copy(), -g.rank, steps, True)[:, ::-1]
    return _loops(f, g, complex)


def _joined(order: Vertices, age: Vertices, steps: Vertices, outside: bool) -> Vertices:
    """Return where components meet, and the eldest vertices of those that end."""
    n = order.size
    ages = np.append(age.reshape(-1), np.iinfo(np.int64).min)
    parent, eldest, pairs = np.full(n + 1, -1), np.empty(n + 1, np.int64), np.empty((n, 2), int)
    shape = np.array(age.shape)
    return pairs[: _pair_components(order, ages, shape, steps, int(outside), parent, eldest, pairs)]


def _loops(f: Descent, g: Descent, complex: str) -> Vertices:
    """Reduce boundaries of faces in the order of g; rows are edges in the order of f.

    Rows that join components in f are never the last of a cycle, columns that make a cavity in g
    become zero: neither is looked at.
    """
    shape, n = f.rank.shape, f.order.size
    edge_types, face_types = cell_types(complex, 1), cell_types(complex, 2)
    edges, edge_last = _descending(edge_types, f.rank)
    ends = np.stack([edges % n, edges % n + _flat(_last(edge_types), shape)[edges // n]], axis=1)
    makes_loop = np.ones(len(edges), bool)
    makes_loop[joins(ends, np.arange(n))[:, 0]] = False
    row = np.full(len(edge_types) * n, -1, np.int32)  # of an edge; the last one to come is row 0
    rows = edges[makes_loop][::-1]
    row[rows] = np.arange(len(rows))

    faces, face_last = _descending(face_types, g.rank)
    solids = cell_types(complex, 3)
    closing = joins(_sides(faces, solids, shape)[::-1], np.arange(len(solids) * n + 1))
    ends_loop = np.ones(len(faces), bool)
    ends_loop[len(faces) - 1 - closing[:, 0]] = False
    faces, face_last = faces[ends_loop], face_last[ends_loop]
    boundaries = np.array([_flat(t.faces[:, :3], shape) + n * t.faces[:, 3] for t in face_types])
    least = pivots(row[boundaries[faces // n] + (faces % n)[:, None]], len(rows))
    born = edge_last[makes_loop][::-1][least[least >= 0]]
    return np.stack([g.order[face_last[least >= 0]], f.order[born]], axis=1)


def _descending(types: tuple[CellType, ...], rank: Vertices) -> tuple[Vertices, Vertices]:
    """Return the cells of some types as they come, and the rank of the last corner of each.

    The number of a cell is its type's times the number of vertices, plus its first corner.
    """
    last = np.full((len(types), *rank.shape), -1)
    for own, kind in zip(last, types, strict=True):
        inside = tuple(max(n - e, 0) for n, e in zip(rank.shape, kind.corners[-1], strict=True))
        place = own[tuple(map(slice, inside))]
        for z, y, x in kind.corners:
            np.maximum(
                place, rank[z : z + inside[0], y : y + inside[1], x : x + inside[2]], out=place
            )
    last = last.reshape(-1)
    cells = np.flatnonzero(last >= 0)
    cells = cells[np.argsort(last[cells], kind="stable")]
    return cells, last[cells]


def _sides(faces: Vertices, solids: tuple[CellType, ...], shape: tuple[int, ...]) -> Vertices:
    """Return the two cells of highest dimension at each face; beyond the grid lies one more."""
    n = int(np.prod(shape))
    outside = len(solids) * n
    sides = np.full((2, (1 + max(int(s.faces[:, 3].max()) for s in solids)) * n), outside)
    seen: set[int] = set()
    first = np.arange(n).reshape(shape)
    for kind, solid in enumerate(solids):
        inside = tuple(slice(max(m - 1, 0)) for m in shape)
        cells = first[inside].reshape(-1)
        for offset, face in zip(_flat(solid.faces[:, :3], shape), solid.faces[:, 3], strict=True):
            sides[int(face in seen), face * n + cells + offset] = kind * n + cells
            seen.add(face)
    return sides[:, faces].T


def _last(types: tuple[CellType, ...]) -> Vertices:
    return np.array([kind.corners[-1] for kind in types])


def _flat(steps: Vertices, shape: tuple[int, ...]) -> Vertices:
    """Return steps ``(..., 3)`` as differences of flat indices."""
    indices: Vertices = steps @ np.array([shape[1] * shape[2], shape[2], 1])
    return indices
