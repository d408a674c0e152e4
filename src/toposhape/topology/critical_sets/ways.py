"""Which set moves with an end of a point."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

ALONE, ASCENT, DESCENT, ABOVE, BELOW = range(5)
"""The vertex alone; steepest paths up or down from it; the component above or below the value."""


def way(dim: int, degree: int, birth: bool, raised: bool) -> int:
    """Return how an end of a point of superlevel sets is moved.

    An extremum that comes back takes its hill or its hollow with it.  A saddle that goes up needs
    a bridge to the two hills that it joins, one that goes down a ditch to both hollows.  In space
    some saddles would need a disc: these move alone.

    Args:
        dim: of the grid.
        degree: of the point.
        birth: its birth or its death.
        raised: to a higher or to a lower value.
    """
    if degree == 0 and birth:
        return ALONE if raised else ABOVE
    if degree == dim - 1 and not birth:
        return BELOW if raised else ALONE
    joins_hills = degree == 0 or (degree == 1 and birth)
    if raised:
        return ASCENT if dim == 2 or joins_hills else ALONE
    return DESCENT if dim == 2 or not joins_hills else ALONE


def ways(dim: int) -> NDArray[np.int64]:
    """Return a table ``(dim, 2, 2)`` of `way` by degree, birth and raised."""
    table = np.empty((dim, 2, 2), np.int64)
    for key in itertools.product(range(dim), (0, 1), (0, 1)):
        table[key] = way(dim, key[0], bool(key[1]), bool(key[2]))
    return table
