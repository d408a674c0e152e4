"""Pairs of cells, given who bounds whom and in which order they come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Kernel

_pair_joins = Kernel(f"{__package__}.kernels", "pair_joins")
_reduce = Kernel(f"{__package__}.kernels", "reduce")

Integers = NDArray[np.int64]
STORED_PER_COLUMN = 4
"""Entries of sums that there is room for at first, on average."""


def joins(edges: Integers, age: Integers) -> Integers:
    """Add edges to a graph and return which ones join components, and which ones end.

    Args:
        edges: ``(m, 2)`` nodes, in the order in which they come.
        age: ``(n,)`` of the nodes; of two components the one with the node of least age stays.

    Returns:
        ``(k, 2)`` places of edges, ascending, and the eldest nodes of the components that end.
    """
    nodes, pairs = np.arange(len(age)), np.empty((len(age), 2), np.int64)
    edges, age = np.ascontiguousarray(edges), np.ascontiguousarray(age)
    return pairs[: _pair_joins(edges, age, nodes.copy(), nodes, pairs)]


def pivots(columns: NDArray[np.int32], rows: int) -> Integers:
    """Reduce a matrix over the field of two elements from left to right.

    Args:
        columns: ``(m, f)`` rows of the entries; negative ones are none.
        rows: their number; row 0 is the last to come.

    Returns:
        ``(m,)`` the least row of each reduced column; -1 for none.
    """
    sizes = [rows // 64 + 1]
    while sizes[-1] > 1:
        sizes.append((sizes[-1] - 1) // 64 + 1)
    starts = np.cumsum([0, *sizes[:-1]])
    tree = np.zeros(sum(sizes), np.int64)
    owner, found = np.full(rows, -1), np.empty(len(columns), np.int64)
    stored = np.zeros(len(columns) + 1, np.int64)
    store = np.empty(STORED_PER_COLUMN * len(columns) + rows, np.int32)
    done = 0
    while True:
        done = _reduce(columns, done, owner, stored, store, tree, starts, found)
        if done == len(columns):
            return found
        store = np.concatenate([store, np.empty_like(store)])


def pairs_of_complex(
    faces: Sequence[Integers], values: Sequence[NDArray[np.floating]]
) -> list[Integers]:
    """Pair the cells of a complex of dimension d that lies in a sphere of dimension d.

    Cells come by value, at equal values those of lower dimension first, then by number.

    Args:
        faces: for each dimension from 1 to d the ``(m, f)`` numbers of the cells' faces.
        values: for each dimension from 0 to d those of the cells; of no face above its cell's.

    Returns:
        For each degree from 0 to d - 1 the ``(k, 2)`` numbers of the cells where classes are born
        and die, dimensions k and k + 1.
    """
    top = len(faces)
    order = [np.argsort(own, kind="stable") for own in values]
    if top == 0:
        return []
    rank = [np.empty_like(own) for own in order]
    for own, places in zip(order, rank, strict=True):
        places[own] = np.arange(len(own))
    found = joins(faces[0][order[1]], rank[0])
    pairs = [np.stack([found[:, 1], order[1][found[:, 0]]], axis=1)]
    if top == 1:
        return pairs
    last_first = order[top - 1][::-1]
    sides = _sides(faces[top - 1], len(values[top - 1]))[last_first]
    closing = joins(sides, np.append(-rank[top], -len(rank[top])))
    if top == 3:
        goes = np.ones(len(order[1]), bool)
        goes[found[:, 0]] = False
        rows = order[1][goes][::-1]
        row = np.full(len(order[1]), -1, np.int32)
        row[rows] = np.arange(len(rows))
        ends = np.ones(len(order[2]), bool)
        ends[last_first[closing[:, 0]]] = False
        columns = order[2][ends[order[2]]]
        least = pivots(row[faces[1][columns]], len(rows))
        pairs.append(np.stack([rows[least[least >= 0]], columns[least >= 0]], axis=1))
    pairs.append(np.stack([last_first[closing[:, 0]], closing[:, 1]], axis=1))
    return pairs


def _sides(faces: Integers, count: int) -> Integers:
    """Return the two cells at each face, ``(count, 2)``; what has one side lies on the outside."""
    order = np.argsort(faces.reshape(-1), kind="stable")
    face, cell = faces.reshape(-1)[order], order // faces.shape[1]
    sides = np.full((count, 2), len(faces))
    second = np.append(False, face[1:] == face[:-1]).astype(np.int64)
    sides[face, second] = cell
    return sides
