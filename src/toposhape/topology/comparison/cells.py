"""Cells of a grid in space by type: which corners they have, and which faces."""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Corner = tuple[int, int, int]
Cell = tuple[Corner, ...]
"""Corners as steps from the first one, which is the least along every axis."""

STEPS: tuple[Corner, ...] = tuple((i >> 2 & 1, i >> 1 & 1, i & 1) for i in range(8))


class CellType(NamedTuple):
    """Cells that are shifts of each other.

    Attributes:
        corners: ``(c, 3)`` steps (planes, rows, columns) from the first corner.
        faces: ``(f, 4)`` for each face the steps to its first corner, and its type.
    """

    corners: NDArray[np.int64]
    faces: NDArray[np.int64]


@functools.cache
def cell_types(complex: str, dimension: int) -> tuple[CellType, ...]:
    """Return the types of the cells of one dimension, 0 to 3, of a complex."""
    below = _shapes(complex, dimension - 1) if dimension else []
    return tuple(
        CellType(
            np.array(cell),
            np.array(
                [(*face[0], below.index(_shifted(face))) for face in _faces(cell, complex)]
            ).reshape(-1, 4),
        )
        for cell in _shapes(complex, dimension)
    )


def neighbour_steps(complex: str, dim: int, complement: bool) -> NDArray[np.int64]:
    """Return the ``(k, 3)`` steps over which a superlevel set hangs together, or its complement.

    Args:
        complex: ``"freudenthal"`` or ``"cubical"``; the complement of a set of closed cubes hangs
            together over corners, too.
        dim: of the grid; steps of fewer axes are along the last ones.
        complement: of the set.
    """
    if complement and complex == "cubical":
        edges = [list(s) for s in itertools.product((-1, 0, 1), repeat=3) if s > (0, 0, 0)]
    else:
        edges = [list(cell[1]) for cell in _shapes(complex, 1)]
    forward = np.array([step for step in edges if not any(step[: 3 - dim])])
    return np.concatenate([forward, -forward])


def _shapes(complex: str, dimension: int) -> list[Cell]:
    """List the cells at one vertex: chains of steps that grow, or products of intervals."""
    if complex == "cubical":
        spanned = itertools.combinations(range(3), dimension)
        return [tuple(s for s in STEPS if {i for i in range(3) if s[i]} <= set(a)) for a in spanned]
    chains = itertools.combinations(STEPS[1:], dimension)
    grow = [c for c in chains if all(_within(a, b) for a, b in itertools.pairwise(c))]
    return [((0, 0, 0), *chain) for chain in grow]


def _within(a: Corner, b: Corner) -> bool:
    return all(i <= j for i, j in zip(a, b, strict=True))


def _faces(cell: Cell, complex: str) -> list[Cell]:
    """List the faces of a cell by their corners."""
    if complex == "freudenthal":
        return list(itertools.combinations(cell, len(cell) - 1))
    spanned = [i for i in range(3) if cell[-1][i]]
    return [tuple(c for c in cell if c[i] == side) for i in spanned for side in (0, 1)]


def _shifted(face: Cell) -> Cell:
    """Return corners as steps from the first one."""
    return tuple((c[0] - face[0][0], c[1] - face[0][1], c[2] - face[0][2]) for c in face)
