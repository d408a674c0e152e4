"""The compiled code: padding, critical vertices, the two union-finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import inlined, kernel

from .rings import MAXIMUM, MINIMUM, SADDLE, Rings

Values = NDArray[np.floating]
Integers = NDArray[np.integer]
BLOCK = 1024
OUTSIDE = 1
"""The padding vertex that stands for all of the padding: the root of what lies outside."""


@kernel
def pad(fields: Values, heights: Values, first: int, superlevel: int) -> int:
    """Copy fields, negated for sublevel sets, to where -inf lies around and between their rows.

    Args:
        fields: ``(B, H, W)``.
        heights: -inf, to get the values.
        first: index of the first vertex in ``heights``.
        superlevel: 1, or 0 for sublevel sets.

    Returns:
        The number of values that are not finite.
    """
    count, rows, columns = fields.shape
    wild = 0
    for b in range(count):
        for i in range(rows):
            place = first + (b * (rows + 1) + i) * (columns + 1)
            source, target = fields[b, i], heights[place : place + columns]
            if superlevel:
                for j in range(columns):
                    target[j] = source[j] + 0  # no negative zeros
            else:
                for j in range(columns):
                    target[j] = 0 - source[j]
            for j in range(columns):
                wild += not abs(target[j]) < np.inf
    return wild


@inlined
def higher(heights: Values, u: Any, v: Any) -> bool:
    """Tell whether vertex u comes before v on the way down; ties go by index."""
    return (heights[u] > heights[v]) | ((heights[u] == heights[v]) & (u < v))


@kernel
def mark(
    heights: Values,
    offsets: Integers,
    rings: Rings,
    first: int,
    codes: Integers,
    saddles: Integers,
) -> int:
    """Write down the code of every vertex and list the saddles by index.

    Args:
        heights: padded values.
        offsets: (8,) from a vertex to the neighbours of `rings.STEPS`.
        rings: the complex.
        first: index of the first vertex; as many vertices lie after the last one.
        codes: one byte for each vertex, to be filled; those of padding mean nothing.
        saddles: to be filled.

    Returns:
        The number of saddles.
    """
    count = 0
    last = heights.size - first
    none = np.uint8(0)
    for start in range(first, last, BLOCK):
        stop = min(start + BLOCK, last)
        for v in range(start, stop):
            codes[v] = 0
        for i in range(8):
            offset = offsets[i]
            here, there = heights[start:stop], heights[start + offset : stop + offset]
            bits = codes[start:stop]
            bit = np.uint8(1 << i)
            if offset < 0:
                for k in range(stop - start):
                    bits[k] |= bit if there[k] >= here[k] else none
            else:
                for k in range(stop - start):
                    bits[k] |= bit if there[k] > here[k] else none
        for v in range(start, stop):
            if rings.kinds[codes[v]] == SADDLE and heights[v] > -np.inf:
                saddles[count] = v
                count += 1
    return count


@inlined
def steepest(heights: Values, offsets: Integers, ways: Integers, vertex: Any, up: bool) -> int:
    """Return the highest neighbour, or the lowest one."""
    best = vertex + offsets[ways[0]]
    for i in range(1, ways.size):
        neighbour = vertex + offsets[ways[i]]
        if higher(heights, neighbour, best) == up:
            best = neighbour
    return best


@inlined
def parent_of(
    heights: Values,
    offsets: Integers,
    ways: Integers,
    codes: Integers,
    rings: Rings,
    parent: Integers,
    vertex: Any,
    up: bool,
) -> int:
    """Return a vertex's parent in the forest; at first this is its steepest neighbour."""
    if heights[vertex] == -np.inf:
        return np.int64(OUTSIDE)
    if parent[vertex] == 0:
        alone = rings.kinds[codes[vertex]] == (MAXIMUM if up else MINIMUM)
        parent[vertex] = vertex if alone else steepest(heights, offsets, ways, vertex, up)
    return np.int64(parent[vertex])


@inlined
def find(
    heights: Values,
    offsets: Integers,
    ways: Integers,
    codes: Integers,
    rings: Rings,
    parent: Integers,
    vertex: Any,
    up: bool,
) -> int:
    """Return the eldest extremum of a vertex's component, halving the path to it."""
    while True:
        step = parent_of(heights, offsets, ways, codes, rings, parent, vertex, up)
        if step == vertex:
            return step
        parent[vertex] = parent_of(heights, offsets, ways, codes, rings, parent, step, up)
        vertex = np.int64(parent[vertex])


@kernel
def pair(
    heights: Values,
    offsets: Integers,
    rings: Rings,
    codes: Integers,
    saddles: Integers,
    parent: Integers,
    pairs: Integers,
    up: int,
) -> int:
    """Pair saddles with the extrema whose components they join to older ones.

    Args:
        heights: padded values.
        offsets: as in `mark`.
        rings: the complex.
        codes: as `mark` filled them.
        saddles: in the order in which they come: downwards for maxima, upwards for minima.
        parent: zeros, one for each vertex.
        pairs: to be filled with (saddle, extremum).
        up: 1 for maxima, 0 for minima.

    Returns:
        The number of pairs of different height.
    """
    count = 0
    ways = rings.ascents if up else rings.descents
    arms = rings.higher if up else rings.lower
    for k in range(saddles.size):
        saddle = np.int64(saddles[k])
        code = codes[saddle]
        eldest = np.int64(-1)
        for arm in range(4):
            way = arms[code, arm]
            if way < 0:
                break
            start = saddle + offsets[way]
            root = find(heights, offsets, ways, codes, rings, parent, start, up == 1)
            if eldest < 0 or root == eldest:
                eldest = root
                continue
            younger = root
            if higher(heights, root, eldest) == (up == 1):
                younger, eldest = eldest, root
            parent[younger] = eldest
            if heights[younger] != heights[saddle]:
                pairs[count, 0], pairs[count, 1] = saddle, younger
                count += 1
    return count
