"""Degree 0: minima of the padded field, paired by the edges that join their basins."""

from __future__ import annotations

from toposhape.base.kernels.marks import inlined, kernel

from .complexes import forest
from .links import ROOT, Flags, Integers, Link, Values
from .order import find
from .workspace import Critical, Scratch


@inlined
def lowest_neighbour(link: Link, values: Values, vertex: int) -> int:
    """Return the first neighbour in the order of the filtration; ties go to the lowest index."""
    best = vertex + link.down[0]
    value = values[best]
    for direction in range(1, link.down.size):
        neighbour = vertex + link.down[direction]
        if values[neighbour] < value:
            best, value = neighbour, values[neighbour]
    return best


@inlined
def descend(
    link: Link, values: Values, label: Integers, vertex: int, trail: Integers, steps: int
) -> tuple[int, int]:
    """Go to the lowest neighbour until a labelled vertex comes, and label the way.

    Args:
        link: the complex.
        values: padded values.
        label: number of the minimum at the end of the descent from a vertex, plus 1; 0: unknown.
        vertex: where to start.
        trail: log of the labelled vertices.
        steps: length of the log.

    Returns:
        The number of the minimum, and the new length of the log.
    """
    start = steps
    while label[vertex] == 0:
        trail[steps] = vertex
        steps += 1
        vertex = lowest_neighbour(link, values, vertex)
    for i in range(start, steps):
        label[trail[i]] = label[vertex]
    return label[vertex] - 1, steps


@kernel
def pair_minima(
    link: Link,
    values: Values,
    critical: Critical,
    minima: Integers,
    parent: Integers,
    scratch: Scratch,
    joins: Flags,
    pairs: Integers,
) -> int:
    """Pair minima with the critical edges that merge their components (elder rule).

    Args:
        link: the complex.
        values: padded values.
        critical: the critical vertices in the order of the filtration.
        minima: those that are minima, in the same order.
        parent: ``0, 1, ...``, one for each minimum: their union-find forest.
        scratch: scratch memory.
        joins: to be set for each critical edge: does it merge two components?
        pairs: to be filled with (minimum, merging vertex).

    Returns:
        The number of pairs.
    """
    label, trail = scratch.label, scratch.trail
    for i in range(minima.size):
        label[minima[i]] = i + 1
    steps = count = 0
    for i in range(critical.vertices.size):
        if critical.lower[i] < 2:
            continue
        trees, edge, eldest = forest(link, critical.codes[i]), critical.first_edge[i], -1
        for direction in range(link.down.size):
            if (trees >> (4 * direction)) & 15 != ROOT:
                continue
            start = critical.vertices[i] + link.down[direction]
            minimum, steps = descend(link, values, label, start, trail, steps)
            component = find(parent, minimum)
            if eldest < 0:
                eldest = component
                continue
            joins[edge] = component != eldest
            if component != eldest:
                younger, eldest = max(component, eldest), min(component, eldest)
                parent[younger] = eldest
                pairs[count, 0], pairs[count, 1] = minima[younger], critical.vertices[i]
                count += 1
            edge += 1
    erase(label, trail, steps, minima)
    return count


@inlined
def erase(label: Integers, trail: Integers, steps: int, extrema: Integers) -> None:
    """Set all labels that were given back to zero."""
    for i in range(steps):
        label[trail[i]] = 0
    for i in range(extrema.size):
        label[extrema[i]] = 0
