"""Degree 2, by duality: maxima, paired by the triangles that join their holes.

A cavity of the sublevel set is a component of its complement.  In reverse order the complement
grows, maxima are born in it, and a critical triangle joins the two holes at its sides.  The outside
of the grid, all of the padding, is one component that is older than all others.
"""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined, kernel

from .complexes import critical_triangles
from .links import Flags, Integers, Link, Values
from .minima import erase
from .order import find
from .workspace import Critical, Scratch


@inlined
def highest_neighbour(link: Link, values: Values, vertex: int) -> int:
    """Return the last of the vertices around in the filtration; ties go to the highest index."""
    best = vertex + link.around[0]
    value = values[best]
    for i in range(1, link.around.size):
        neighbour = vertex + link.around[i]
        if values[neighbour] >= value:
            best, value = neighbour, values[neighbour]
    return best


@inlined
def ascend(
    link: Link, values: Values, label: Integers, vertex: int, trail: Integers, steps: int
) -> tuple[int, int]:
    """Go to the highest neighbour until a labelled vertex or the padding comes; label the way.

    Args:
        link: the complex.
        values: padded values.
        label: number of the maximum at the end of the ascent from a vertex, plus 1; 0: unknown.
        vertex: where to start.
        trail: log of the labelled vertices.
        steps: length of the log.

    Returns:
        The number of the maximum, 0 for the outside, and the new length of the log.
    """
    start = steps
    while label[vertex] == 0 and values[vertex] < np.inf:
        trail[steps] = vertex
        steps += 1
        vertex = highest_neighbour(link, values, vertex)
    number = max(label[vertex], 1)
    for i in range(start, steps):
        label[trail[i]] = number
    return number - 1, steps


@kernel
def pair_maxima(
    link: Link,
    values: Values,
    critical: Critical,
    maxima: Integers,
    parent: Integers,
    scratch: Scratch,
    joins: Flags,
    link_edges: Integers,
    pairs: Integers,
) -> int:
    """Pair maxima with the critical triangles that close their cavities.

    Args:
        link: the complex.
        values: padded values.
        critical: the critical vertices in the order of the filtration.
        maxima: those that are maxima, in reverse order, after the first padding vertex, which
            stands for the outside.
        parent: ``0, 1, ...``, one for each of these: their union-find forest.
        scratch: scratch memory.
        joins: to be set for each critical triangle: does it join two holes?
        link_edges: to be filled with the link edge of each critical triangle.
        pairs: to be filled with (closing vertex, maximum).

    Returns:
        The number of pairs.
    """
    label, trail, saddles = scratch.label, scratch.trail, scratch.saddles
    for i in range(1, maxima.size):
        label[maxima[i]] = i + 1
    steps = count = 0
    for i in range(critical.vertices.size - 1, -1, -1):
        if critical.upper[i] < 2:
            continue
        vertex = np.int64(critical.vertices[i])
        n = critical_triangles(link, values, vertex, critical.codes[i], scratch.holes, saddles)
        for j in range(n - 1, -1, -1):
            start = vertex + link.up[saddles[j, 1]]
            one, steps = ascend(link, values, label, start, trail, steps)
            start = vertex + link.up[saddles[j, 2]]
            other, steps = ascend(link, values, label, start, trail, steps)
            one, other = find(parent, one), find(parent, other)
            triangle = critical.first_triangle[i] + j
            link_edges[triangle] = saddles[j, 0]
            joins[triangle] = one != other
            if one != other:
                younger = max(one, other)
                parent[younger] = min(one, other)
                pairs[count, 0], pairs[count, 1] = vertex, maxima[younger]
                count += 1
    erase(label, trail, steps, maxima)
    return count
