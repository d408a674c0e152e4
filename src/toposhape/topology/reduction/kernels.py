"""The compiled code: components that join, and the reduction of a matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import inlined, kernel

from ..grids.generic import lowest
from ..grids.order import find

Integers = NDArray[np.integer]
Words = NDArray[np.int64]


@kernel
def pair_joins(
    edges: Integers, age: Integers, parent: Integers, eldest: Integers, pairs: Integers
) -> int:
    """Add the edges of a graph one by one; where two components meet the younger one ends.

    Args:
        edges: (m, 2) nodes.
        age: (n,) a component is as old as its node of least age.
        parent: (n,) each node's own number.
        eldest: (n,) the same.
        pairs: (n, 2) to be filled with the edge, and the eldest node of the component that ends.

    Returns:
        The number of pairs.
    """
    count = 0
    for k in range(edges.shape[0]):
        old, young = find(parent, np.int64(edges[k, 0])), find(parent, np.int64(edges[k, 1]))
        if old == young:
            continue
        if age[eldest[young]] < age[eldest[old]]:
            old, young = young, old
        pairs[count, 0], pairs[count, 1] = k, eldest[young]
        count += 1
        parent[young] = old
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
