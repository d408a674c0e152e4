"""The compiled code: components that join, and the reduction of a matrix of boundaries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import inlined, kernel

from ..grids.generic import lowest

Integers = NDArray[np.integer]
Flags = NDArray[np.bool_]
Words = NDArray[np.int64]


@inlined
def find(parent: Integers, node: int) -> int:
    """Return the root of a node's tree, halving the path to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


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


@kernel
def join(edges: Integers, parent: Integers, joins: Flags) -> int:
    """Add the edges ``(m, 2)`` of a graph one by one and note which ones join two components.

    ``parent`` holds each node's own number at first.
    """
    count = 0
    for k in range(edges.shape[0]):
        one, other = find(parent, np.int64(edges[k, 0])), find(parent, np.int64(edges[k, 1]))
        joins[k] = one != other
        if one != other:
            parent[one] = other
            count += 1
    return count


@inlined
def flip(tree: Words, starts: Integers, number: int) -> None:
    """Add a number to a set, or take it out.

    A set is a tree of words: a bit of level 0 is a number, a bit above says that the word below is
    not zero.
    """
    for level in range(starts.size):
        place = starts[level] + (number >> 6)
        before = tree[place]
        tree[place] = before ^ (np.int64(1) << (number & 63))
        if (before == 0) == (tree[place] == 0):
            return
        number >>= 6


@inlined
def least(tree: Words, starts: Integers) -> int:
    """Return the least number of a set; -1 if it is empty."""
    number = np.int64(0)
    for k in range(starts.size):
        word = tree[starts[starts.size - 1 - k] + number]
        if word == 0:
            return -1
        number = (number << 6) | np.int64(lowest(word))
    return int(number)


@kernel
def reduce(
    columns: Integers,
    first: int,
    owner: Integers,
    stored: Integers,
    store: Integers,
    tree: Words,
    starts: Integers,
    pivots: Integers,
) -> int:
    """Reduce a matrix over the field of two elements column by column, from ``first`` on.

    Args:
        columns: (m, f) rows of the entries; negative ones are none.
        first: column to begin with.
        owner: (rows,) the column whose least row this is; -1 if there is none.
        stored: (m + 1,) where each column's sum with others begins in ``store``, and where it
            ends.  An empty stretch says that the column is as it was.
        store: rows of the sums.
        tree: zeros; see `flip`.
        starts: where the tree's levels begin.
        pivots: (m,) to be filled with the least rows; -1 for a column that becomes zero.

    Returns:
        The column before which the store was full, or m.
    """
    for j in range(first, columns.shape[0]):
        used = stored[j]
        stored[j + 1] = used
        pivot = np.int64(-1)
        for i in range(columns.shape[1]):
            row = np.int64(columns[j, i])
            if row >= 0 and (pivot < 0 or row < pivot):
                pivot = row
        if pivot >= 0 and owner[pivot] >= 0:
            for i in range(columns.shape[1]):
                if columns[j, i] >= 0:
                    flip(tree, starts, np.int64(columns[j, i]))
            while pivot >= 0 and owner[pivot] >= 0:
                other = owner[pivot]
                for k in range(stored[other], stored[other + 1]):
                    flip(tree, starts, np.int64(store[k]))
                if stored[other] == stored[other + 1]:
                    for i in range(columns.shape[1]):
                        if columns[other, i] >= 0:
                            flip(tree, starts, np.int64(columns[other, i]))
                pivot = least(tree, starts)
            row = pivot
            while row >= 0:
                if used < store.size:
                    store[used] = row
                used += 1
                flip(tree, starts, row)
                row = least(tree, starts)
            if used > store.size:
                return j
            stored[j + 1] = used
        pivots[j] = pivot
        if pivot >= 0:
            owner[pivot] = j
    return columns.shape[0]
