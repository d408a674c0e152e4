# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""The stages put together, for one pair of diagrams and for a row of a matrix."""

from __future__ import annotations

import numpy as np

from ..compilation import entry, kernel
from .bidding import bid, work_out_savings
from .shortest_paths import serve_by_shortest_path
from .state import ALONE, PointSet, workspace

BIDDING_ROUNDS = 2


@entry
def match_pair(p_height, p_along, q_height, q_along, partner):
    """Match two diagrams; the points of each are sorted along the diagonal.

    Args:
        p_height, p_along: the n points of one diagram, float64.
        q_height, q_along: the m points of the other.
        partner: ``(n,)`` int64, receives for each point of p its match in q or ``ALONE``.

    Returns:
        The cost of equation (1).
    """
    p, q = PointSet(p_height, p_along), PointSet(q_height, q_along)
    if p_height.size <= q_height.size:
        work = workspace(p_height.size, q_height.size)
        cost = match(p, q, work)
        partner[:] = work.column_of[: p_height.size]
    else:
        work = workspace(q_height.size, p_height.size)
        cost = match(q, p, work)
        partner[:] = work.row_of[: p_height.size]
    return cost


@entry
def fill_row(
    p_height,
    p_along,
    p_start,
    q_height,
    q_along,
    q_start,
    row,
    symmetric,
    costs,
):
    """Fill one row of the matrix of distances between two lists of diagrams.

    Args:
        p_height, p_along, p_start: the first list, packed: diagram i has the points from
            ``p_start[i]`` to ``p_start[i + 1]``, sorted along the diagonal.
        q_height, q_along, q_start: the second list.
        row: the diagram of the first list.
        symmetric: the lists are the same: fill only what lies right of the diagonal, and mirror it.
        costs: ``(n, m)`` float64, receives the distances.
    """
    p_size = p_start[row + 1] - p_start[row]
    largest = np.max(q_start[1:] - q_start[:-1]) if q_start.size > 1 else 0
    work = workspace(min(p_size, largest), max(p_size, largest))
    p = _diagram(p_height, p_along, p_start, row)
    for j in range(row + 1 if symmetric else 0, q_start.size - 1):
        q = _diagram(q_height, q_along, q_start, j)
        costs[row, j] = match(p, q, work) if p_size <= q.height.size else match(q, p, work)
        if symmetric:
            costs[j, row] = costs[row, j]


@kernel
def _diagram(height, along, start, i):
    """Return the points of one of the packed diagrams."""
    part = slice(start[i], start[i + 1])
    return PointSet(height[part], along[part])


@kernel
def match(rows, columns, work):
    """Match two diagrams at least cost; ``rows`` should be the smaller one.

    Args:
        rows: `PointSet` of n points, sorted along the diagonal.
        columns: `PointSet` of m points, sorted along the diagonal.
        work: `Workspace` for at least n x m; ``work.column_of[:n]`` receives for each row its
            column, or `ALONE` for the diagonal, and ``work.row_of[:m]`` the same for columns.

    Returns:
        The cost of equation (1), summed over the matching itself: zero for identical points.
    """
    work.price[: columns.height.size] = 0.0
    work.row_of[: columns.height.size] = ALONE
    waiting = work_out_savings(rows, columns, work)
    for _ in range(BIDDING_ROUNDS):
        waiting = bid(waiting, work)
    for turn in range(waiting):
        serve_by_shortest_path(work.waiting[turn], columns.height.size, work)
    return _cost(rows, columns, work)


@kernel
def _cost(rows, columns, work):
    """Sum the squared distances of matched points and the squared heights of the others."""
    cost = 0.0
    for i in range(rows.height.size):
        j = work.column_of[i]
        if j == ALONE:
            cost += rows.height[i] ** 2
        else:
            cost += (rows.height[i] - columns.height[j]) ** 2
            cost += (rows.along[i] - columns.along[j]) ** 2
    for j in range(columns.height.size):
        if work.row_of[j] == ALONE:
            cost += columns.height[j] ** 2
    return cost
