"""The compiled code: gradients of single vertices are handed on to their critical sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import inlined, kernel

from .ways import ABOVE, ALONE, ASCENT, DESCENT

Values = NDArray[np.floating]
Integers = NDArray[np.integer]


@inlined
def beyond(values: Values, u: Any, v: Any, up: Any) -> bool:
    """Tell whether u lies higher than v, or lower; ties go by index."""
    return ((values[u] > values[v]) | ((values[u] == values[v]) & (u < v))) == up


@inlined
def neighbour(shape: Integers, vertex: Any, steps: Integers, k: Any) -> int:
    """Return a neighbour's index; -1 outside the grid."""
    z = vertex // (shape[1] * shape[2]) + steps[k, 0]
    y = vertex // shape[2] % shape[1] + steps[k, 1]
    x = vertex % shape[2] + steps[k, 2]
    if (0 <= z < shape[0]) & (0 <= y < shape[1]) & (0 <= x < shape[2]):
        return int((z * shape[1] + y) * shape[2] + x)
    return -1


@inlined
def steepest(values: Values, shape: Integers, steps: Integers, vertex: Any, up: Any) -> int:
    """Return the highest neighbour, or the lowest one; the vertex itself if it is an extremum."""
    best = vertex
    for k in range(steps.shape[0]):
        u = neighbour(shape, vertex, steps, k)
        if u >= 0 and u != best and beyond(values, u, best, up):
            best = u
    return best


@inlined
def leads(values: Values, shape: Integers, steps: Integers, vertex: Any, k: Any, up: Any) -> bool:
    """Tell whether a neighbour is the highest in its part of the neighbourhood, or the lowest."""
    u = neighbour(shape, vertex, steps, k)
    if u < 0 or not beyond(values, u, vertex, up):
        return False
    for i in range(steps.shape[0]):
        w = neighbour(shape, vertex, steps, i)
        if w < 0 or w == u or not beyond(values, w, u, up):
            continue
        for j in range(steps.shape[0]):
            if neighbour(shape, u, steps, j) == w:
                return False
    return True


@inlined
def offer(gradient: Values, vertex: Any, amount: Any) -> None:
    """Let a vertex follow who wants it to move furthest."""
    if abs(amount) > abs(gradient[vertex]):
        gradient[vertex] = amount


@inlined
def climb(
    values: Values,
    shape: Integers,
    steps: Integers,
    first: Any,
    up: Any,
    target: Any,
    reach: Any,
    gradient: Values,
) -> int:
    """Follow the steepest way from a vertex until the target; return the number of vertices."""
    count, u = 0, first
    while (values[u] < target) if up else (values[u] > target):
        offer(gradient, u, (values[u] - target) / reach)
        count += 1
        further = steepest(values, shape, steps, u, up)
        if further == u:
            break
        u = further
    return count


@inlined
def flood(
    values: Values,
    shape: Integers,
    steps: Integers,
    start: Any,
    mark: Any,
    up: Any,
    target: Any,
    reach: Any,
    seen: Integers,
    queue: Integers,
    gradient: Values,
) -> int:
    """Take the part of the set beyond the target that holds a vertex; return its size."""
    seen[start], queue[0], first, last = mark, start, 0, 1
    while first < last:
        u = np.int64(queue[first])
        first += 1
        offer(gradient, u, (values[u] - target) / reach)
        for k in range(steps.shape[0]):
            w = neighbour(shape, u, steps, k)
            if w < 0 or seen[w] == mark:
                continue
            if (values[w] > target) if up else (values[w] < target):
                seen[w], queue[last] = mark, w
                last += 1
    return last


@kernel
def spread(
    values: Values,
    shape: Integers,
    ascents: Integers,
    descents: Integers,
    vertices: Integers,
    ways: Integers,
    wanted: Values,
    reach: Values,
    seen: Integers,
    queue: Integers,
    gradient: Values,
) -> int:
    """Hand gradients on to critical sets.

    An end at value c with gradient g is meant to go to ``t = c - reach * g``.  All vertices u of
    its set between c and t shall go there: their gradient is ``(value of u - t) / reach``.

    Args:
        values: (n,) of a grid.
        shape: (3,) of the grid.
        ascents: (k, 3) steps over which superlevel sets hang together.
        descents: those of sublevel sets.
        vertices: (m,) critical ones.
        ways: (m,) see `ways`.
        wanted: (m,) their gradients.
        reach: (1,).
        seen: (n,) filled with -1.
        queue: (n,) memory.
        gradient: (n,) zeros, to be filled.

    Returns:
        The number of vertices in all sets.
    """
    count = 0
    for m in range(vertices.size):
        v = np.int64(vertices[m])
        offer(gradient, v, wanted[m])
        count += 1
        if ways[m] == ALONE or wanted[m] == 0:
            continue
        target = values[v] - reach[0] * wanted[m]
        up = (ways[m] == ASCENT) | (ways[m] == ABOVE)
        steps = ascents if up else descents
        if ways[m] == ASCENT or ways[m] == DESCENT:
            for k in range(steps.shape[0]):
                if leads(values, shape, steps, v, k, up):
                    u = neighbour(shape, v, steps, k)
                    count += climb(values, shape, steps, u, up, target, reach[0], gradient)
        else:
            count += flood(values, shape, steps, v, m, up, target, reach[0], seen, queue, gradient)
    return count
