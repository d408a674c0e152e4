# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""The stages put together, for one pair of diagrams and for a row of a matrix."""

from __future__ import annotations

from toposhape.base.kernels.marks import inlined, kernel

from .bidding import bid, work_out_savings
from .memory import ALONE
from .shortest_paths import serve_by_shortest_path
from .state import PointSet, workspace

BIDDING_ROUNDS = 2


@kernel
def match_pair(p, q, memory, partner, cost):
    """Match two diagrams.

    Args:
        p, q: `Frame` of n and of m points.
        memory: `Memory` for the smaller number of rows and the larger one of columns.
        partner: ``(n,)`` int64, receives for each point of p its match in q or `ALONE`.
        cost: ``(1,)`` float64, receives the cost of equation (1).

    Returns:
        n.
    """
    n, m = p.shape[1], q.shape[1]
    work = workspace(min(n, m), max(n, m), memory)
    one, other = PointSet(p[0], p[1]), PointSet(q[0], q[1])
    cost[0] = match(one, other, work) if n <= m else match(other, one, work)
    for i in range(n):
        partner[i] = work.column_of[i] if n <= m else work.row_of[i]
    return n


@kernel
def fill_row(ps, qs, row, rows, columns, symmetric, memory, costs):
    """Fill one row of the matrix of distances between two lists of diagrams.

    Args:
        ps, qs: `Packed`, the two lists.
        row: the diagram of the first list.
        rows, columns: the most points of the smaller and of the larger diagram of a pair.
        symmetric: 1 if the lists are the same: only what lies right of the diagonal is computed,
            and mirrored; 0 if not.
        memory: `Memory` for so many rows and columns.
        costs: ``(n, m)`` float64, receives the distances.

    Returns:
        m.
    """
    work = workspace(rows, columns, memory)
    p = _diagram(ps, row)
    for j in range(row + 1 if symmetric else 0, costs.shape[1]):
        q = _diagram(qs, j)
        smaller = p.height.size <= q.height.size
        costs[row, j] = match(p, q, work) if smaller else match(q, p, work)
        if symmetric:
            costs[j, row] = costs[row, j]
    return costs.shape[1]


@inlined
def _diagram(packed, i):
    """Return the points of one of the packed diagrams."""
    first, last = packed.start[i], packed.start[i + 1]
    return PointSet(packed.points[0, first:last], packed.points[1, first:last])


@inlined
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


@inlined
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
