"""What goes on around a vertex of an image: one table over all sets of higher neighbours.

The eight neighbours of a vertex are numbered around it, from the right one counterclockwise (rows
count upwards).  A code is a byte: bit i tells whether neighbour i lies higher.
"""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""(rows, columns) to the neighbours, around the vertex."""

AXES = (0, 2, 4, 6)
TRIANGULATED = (0, 1, 2, 4, 5, 6)
"""Neighbours in the triangulated grid, whose cells are cut along the diagonal (1, 1)."""

REGULAR, MAXIMUM, MINIMUM, SADDLE = range(4)
NOBODY = -1


class Rings(NamedTuple):
    """What the kernels know of a complex.

    Attributes:
        ascents: neighbours over which a superlevel set hangs together.
        descents: neighbours over which its complement does.
        kinds: (256,) what a vertex with a code is: one of the constants above.
        higher: (256, 4) a neighbour in each piece of the superlevel set around the vertex, then
            `NOBODY`.
        lower: (256, 4) the same of the complement.
    """

    ascents: NDArray[np.int64]
    descents: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    higher: NDArray[np.int8]
    lower: NDArray[np.int8]


@functools.cache
def rings(complex: str) -> Rings:
    """Return the table of ``"freudenthal"`` or ``"cubical"``."""
    kinds = np.zeros(256, np.uint8)
    higher, lower = (np.full((256, 4), NOBODY, np.int8) for _ in range(2))
    for code in range(256):
        up = {i for i in range(8) if code >> i & 1}
        above, below = _pieces(up, complex)
        higher[code, : len(above)], lower[code, : len(below)] = above, below
        if not above:
            kinds[code] = MAXIMUM
        elif not below:
            kinds[code] = MINIMUM
        elif len(above) > 1:
            kinds[code] = SADDLE
    ascents, descents = {
        "freudenthal": (TRIANGULATED, TRIANGULATED),
        "cubical": (AXES, tuple(range(8))),
    }[complex]
    return Rings(np.array(ascents), np.array(descents), kinds, higher, lower)


def _pieces(up: set[int], complex: str) -> tuple[list[int], list[int]]:
    """Return one neighbour in each piece of the superlevel set on the ring, and of the rest.

    In the cubical grid a diagonal neighbour counts as high only between two high ones: a square is
    in when all its corners are.
    """
    ring: tuple[int, ...]
    if complex == "freudenthal":
        ring = TRIANGULATED
        high = up & set(ring)
    else:
        ring = tuple(range(8))
        high = {i for i in up if i in AXES or {(i - 1) % 8, (i + 1) % 8} <= up}
    above, below = _runs(ring, high), _runs(ring, set(ring) - high)
    return [run[0] for run in above], [_low(run, up) for run in below]


def _runs(ring: tuple[int, ...], members: set[int]) -> list[list[int]]:
    """Split the members into runs of neighbours on the ring."""
    if members >= set(ring):
        return [list(ring)]
    first = next(i for i, neighbour in enumerate(ring) if neighbour not in members)
    around = ring[first:] + ring[:first]
    groups = itertools.groupby(around, key=members.__contains__)
    return [list(run) for member, run in groups if member]


def _low(run: list[int], up: set[int]) -> int:
    """Return a neighbour of a run that lies lower; a run of the complement always has one."""
    return next(i for i in run if i not in up)
