# ruff: noqa: ANN001, ANN201, ANN202, D417
"""Exact partial matching of two diagrams: a sparse Jonker-Volgenant with a diagonal slot each.

A point ``(death, birth)`` is written in the frame of the diagonal: its ``height`` above it,
``(birth - death) / sqrt(2)``, and its position ``along`` it, ``(birth + death) / sqrt(2)``.
Sending it to the diagonal costs ``height^2``, so matching points i and j instead *saves*

    saving(i, j) = height_i^2 + height_j^2 - |i - j|^2 = 2 height_i height_j - (along_i - along_j)^2

and equation (1) is the sum of all squared heights minus the largest total saving of a matching.
Pairs without a positive saving are never matched.  With the points sorted along the diagonal, the
positive savings of a point lie in a short window, outside which nothing is looked at.

The problem is solved by duality: a column (a point of the larger diagram) has a ``price >= 0``, a
row (a point of the smaller one) a ``profit >= 0``, what its best offer ``saving - price`` brings,
or zero for staying alone.  Every stage keeps, for all rows but those that wait: no offer beats the
row's profit; a matched row has its best offer; a row alone has profit zero; and an unmatched column
costs nothing.  When no row waits, these are the conditions of optimality.  The stages are bidding,
in which a row outbids the owner of its best column, and shortest paths for the rows that bidding
left.

Reference: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear
assignment problems, Computing 38 (1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from .compilation import OPTIONS, entry, kernel

ALONE = -1
BIDDING_ROUNDS = 2

# no NaN reaches the kernels: minima, maxima and choices become instructions without branches
branchless_kernel = numba.njit(fastmath={"nnan", "nsz", "contract"}, **OPTIONS)


class PointSet(NamedTuple):
    """Points of one or many diagrams in the frame of the diagonal: two ``(n,)`` float64 arrays."""

    height: NDArray[np.float64]
    along: NDArray[np.float64]


class Workspace(NamedTuple):
    """Arrays reused by all the matchings of a thread, for at most ``rows`` x ``columns`` points.

    Attributes:
        saving: ``(rows, columns)``; all positive savings of row i lie in its window of columns,
            from ``first[i]`` to before ``last[i]``.
        profit, price: the dual variables of rows and columns.
        column_of, row_of: the matching, or `ALONE`.
        waiting: rows that are neither matched nor content.
        loss, reached_from, asking, settled, settled_loss: see `_augment`.
    """

    saving: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    profit: NDArray[np.float64]
    price: NDArray[np.float64]
    column_of: NDArray[np.int64]
    row_of: NDArray[np.int64]
    waiting: NDArray[np.int64]
    loss: NDArray[np.float64]
    reached_from: NDArray[np.int64]
    asking: NDArray[np.float64]
    settled: NDArray[np.int64]
    settled_loss: NDArray[np.float64]


@kernel
def workspace(rows, columns):
    """Allocate the arrays for matchings of up to ``rows`` with up to ``columns`` points."""
    return Workspace(
        saving=np.empty((rows, columns)),
        first=np.empty(rows, np.int64),
        last=np.empty(rows, np.int64),
        profit=np.empty(rows),
        price=np.empty(columns),
        column_of=np.empty(rows, np.int64),
        row_of=np.empty(columns, np.int64),
        waiting=np.empty(rows, np.int64),
        loss=np.empty(columns),
        reached_from=np.empty(columns, np.int64),
        asking=np.empty(columns),
        settled=np.empty(columns, np.int64),
        settled_loss=np.empty(columns),
    )


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
    waiting = _work_out_savings(rows, columns, work)
    for _ in range(BIDDING_ROUNDS):
        waiting = _bid(waiting, work)
    for turn in range(waiting):
        _augment(work.waiting[turn], columns.height.size, work)
    return _cost(rows, columns, work)


@kernel
def _work_out_savings(rows, columns, work):
    """Fill in the savings and their windows; return how many rows wait: those that can save."""
    waiting = 0
    for i in range(rows.height.size):
        saving = work.saving[i, : columns.height.size]
        first, last = _save(rows.height[i], rows.along[i], columns.height, columns.along, saving)
        work.first[i], work.last[i] = first, last
        work.profit[i], work.column_of[i] = 0.0, ALONE
        work.waiting[waiting] = i
        waiting += int(first < last)
    return waiting


@branchless_kernel
def _save(height, along, heights, alongs, saving):
    """Fill in what one point saves with each of the others; return the window of the positive."""
    first, last, double_height = saving.size, 0, 2.0 * height
    for j in range(saving.size):
        apart = along - alongs[j]
        saving[j] = double_height * heights[j] - apart * apart
        first = min(first, j if saving[j] > 0.0 else saving.size)
        last = max(last, j + 1 if saving[j] > 0.0 else 0)
    return first, last


@kernel
def _two_best_offers(i, work):
    """Return row i's best column (`ALONE` if none pays), its offer and the second best offer."""
    first, last = work.first[i], work.last[i]
    position, best, second = _two_largest(work.saving[i, first:last], work.price[first:last])
    return (ALONE if position == ALONE else first + position), best, second


@branchless_kernel
def _two_largest(saving, price):
    """Return where saving - price is largest, or `ALONE`, and the two largest, or zeros."""
    position, best, second = ALONE, 0.0, 0.0
    for k in range(saving.size):
        offer = saving[k] - price[k]
        second = max(second, min(best, offer))
        position = k if offer > best else position
        best = max(best, offer)
    return position, best, second


@kernel
def _bid(waiting, work):
    """Let each waiting row outbid the owner of its best column, who bids next.

    The price rises until the second best offer is as good.  Bids that raise nothing, or too many
    of them, are left to the shortest paths.  Returns how many rows still wait.
    """
    left, turn, bids = 0, 0, 2 * waiting
    while turn < waiting:
        i = work.waiting[turn]
        turn += 1
        j, best, second = _two_best_offers(i, work)
        work.profit[i] = second
        if j == ALONE:
            continue
        owner = work.row_of[j]
        if owner != ALONE and best == second:
            work.waiting[left] = i
            left += 1
            continue
        work.price[j] += best - second
        work.row_of[j], work.column_of[i] = i, j
        if owner == ALONE:
            continue
        work.column_of[owner] = ALONE
        bids -= 1
        if bids > 0:
            turn -= 1
            work.waiting[turn] = owner
        else:
            work.waiting[left] = owner
            left += 1
    return left


@kernel
def _augment(source, columns, work):
    """Serve a waiting row by the alternating path that loses the least of its profit.

    The path takes a column, then its owner another one, and so on, until a column is unmatched or
    a row stays alone.  The search settles columns in the order of their ``loss`` (Dijkstra), where
    ``reached_from`` is the row that would take the column; a settled one's ``asking`` price is
    infinite.  Then prices and profits move so that every stage's conditions hold again.
    """
    work.asking[:columns] = work.price[:columns]
    work.loss[:columns] = np.inf
    work.profit[source] = _two_best_offers(source, work)[1]
    quitter, quitting_loss = source, work.profit[source]
    row, loss, settled = source, 0.0, 0
    first, last = columns, 0
    while True:
        _reach(row, loss, work)
        first, last = min(first, work.first[row]), max(last, work.last[row])
        position, loss = _least(work.loss[first:last], quitting_loss)
        column = ALONE if position == ALONE else first + position
        if column == ALONE or work.row_of[column] == ALONE:
            break
        work.settled[settled], work.settled_loss[settled] = column, loss
        work.loss[column] = work.asking[column] = np.inf
        settled += 1
        row = work.row_of[column]
        if loss + work.profit[row] < quitting_loss:
            quitter, quitting_loss = row, loss + work.profit[row]
    _reprice(source, loss, settled, work)
    if column == ALONE:
        column = work.column_of[quitter]
        work.column_of[quitter] = ALONE
    if column != ALONE:
        _flip(source, column, work)


@kernel
def _reach(row, loss, work):
    """Relax the columns in a row's window, the row being reached at the given loss."""
    window = slice(work.first[row], work.last[row])
    _relax(
        loss + work.profit[row],
        work.saving[row, window],
        work.asking[window],
        row,
        work.loss[window],
        work.reached_from[window],
    )


@branchless_kernel
def _relax(base, saving, asking, row, loss, reached_from):
    """Lower the losses where the row's offer, compared with ``base``, loses less."""
    for k in range(loss.size):
        candidate = base - saving[k] + asking[k]
        better = candidate < loss[k]
        loss[k] = candidate if better else loss[k]
        reached_from[k] = row if better else reached_from[k]


@branchless_kernel
def _least(values, limit):
    """Return where the least value stands and the value, or `ALONE` and the limit if above."""
    position = ALONE
    for k in range(values.size):
        position = k if values[k] < limit else position
        limit = min(limit, values[k])
    return position, limit


@kernel
def _reprice(source, loss, settled, work):
    """Raise the settled columns' prices and lower their rows' profits to meet the path's loss."""
    work.profit[source] -= loss
    for k in range(settled):
        j = work.settled[k]
        rise = loss - work.settled_loss[k]
        work.price[j] += rise
        work.profit[work.row_of[j]] -= rise


@kernel
def _flip(source, column, work):
    """Hand the columns along the path that ends in ``column`` to the rows that reached them."""
    row = ALONE
    while row != source:
        row = work.reached_from[column]
        work.row_of[column] = row
        work.column_of[row], column = column, work.column_of[row]


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
