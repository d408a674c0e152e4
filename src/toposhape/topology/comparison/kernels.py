"""The compiled code: components of a grid that join."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import kernel

from ..grids.order import find

Integers = NDArray[np.integer]


@kernel
def pair_components(
    order: Integers,
    age: Integers,
    shape: Integers,
    steps: Integers,
    outside: int,
    parent: Integers,
    eldest: Integers,
    pairs: Integers,
) -> int:
    """Let vertices come in one order; where components meet all but the eldest one end.

    Args:
        order: (n,) vertices as they come.
        age: (n + 1,) a component is as old as its vertex of least age; the last is of the outside.
        shape: (3,) of the grid.
        steps: (k, 3) to neighbours.
        outside: 1 if what lies outside the grid is a component, which is there from the start.
        parent: (n + 1,) filled with -1.
        eldest: (n + 1,) to be filled.
        pairs: (n, 2) to be filled with the vertex where components meet, and the eldest vertex of
            the one that ends.

    Returns:
        The number of pairs.
    """
    n, count = order.size, 0
    depth, height, width = shape[0], shape[1], shape[2]
    parent[n], eldest[n] = n, n
    for place in range(n):
        v = np.int64(order[place])
        parent[v], eldest[v] = v, v
        x, y, z = v % width, v // width % height, v // (width * height)
        for k in range(steps.shape[0]):
            a, b, c = z + steps[k, 0], y + steps[k, 1], x + steps[k, 2]
            u = (a * height + b) * width + c
            if not ((0 <= a < depth) & (0 <= b < height) & (0 <= c < width)):
                if outside == 0:
                    continue
                u = np.int64(n)
            if parent[u] < 0:
                continue
            old, young = find(parent, u), find(parent, v)
            if old == young:
                continue
            if age[eldest[young]] < age[eldest[old]]:
                old, young = young, old
            pairs[count, 0], pairs[count, 1] = v, eldest[young]
            count += 1
            parent[young] = old
    return count
