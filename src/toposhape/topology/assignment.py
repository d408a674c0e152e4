# ruff: noqa: ANN001, ANN201, ANN202, D417
"""Exact partial matching of two diagrams: a sparse Jonker-Volgenant with a diagonal slot each.

A point ``(death, birth)`` is written in the frame of the diagonal: its ``height`` above it,
``(birth - death) / sqrt(2)``, and its position ``along`` it, ``(birth + death) / sqrt(2)``.
Sending it to the diagonal costs ``height^2``, so matching points i and j instead *saves*

    saving(i, j) = height_i^2 + height_j^2 - |i - j|^2 = 2 height_i height_j - (along_i - along_j)^2

and equation (1) is the sum of all squared heights minus the largest total saving of a matching.
Pairs without a positive saving are never matched, which leaves a sparse problem in which every
point may also stay alone at saving zero.  It is solved by duality: a column (a point of the larger
diagram) has a ``price >= 0``, a row (a point of the smaller one) a ``profit``, what its best offer
``saving - price`` brings, or zero for staying alone.  Every stage keeps: no offer beats a row's
profit; a matched row has its best offer; an unmatched column costs nothing.  When each row is
matched or content with profit zero, the matching is optimal.

Reference: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear
assignment problems, Computing 38 (1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compilation import entry, kernel

ALONE = -1
BIDDING_ROUNDS = 2
UNSEEN, REACHED, SETTLED = 0, 1, 2


class PointSet(NamedTuple):
    """Points of one or many diagrams in the frame of the diagonal: two ``(n,)`` float64 arrays."""

    height: NDArray[np.float64]
    along: NDArray[np.float64]


class Workspace(NamedTuple):
    """Arrays reused by all the matchings of a thread, for at most ``rows`` x ``columns`` points.

    The savings are in compressed rows: those of row i are ``saving[start[i]:start[i + 1]]`` with
    their ``column``.
    """

    start: NDArray[np.int64]
    column: NDArray[np.int32]
    saving: NDArray[np.float64]
    profit: NDArray[np.float64]
    price: NDArray[np.float64]
    column_of: NDArray[np.int64]
    row_of: NDArray[np.int64]
    waiting: NDArray[np.int64]
    loss: NDArray[np.float64]
    reached_from: NDArray[np.int64]
    state: NDArray[np.uint8]
    reached: NDArray[np.int64]
    settled: NDArray[np.int64]


@kernel
def workspace(rows: int, columns: int) -> Workspace:
    """Allocate the arrays for matchings of up to ``rows`` with up to ``columns`` points."""
    rows, columns = rows + 1, columns + 1
    return Workspace(
        start=np.empty(rows, np.int64),
        column=np.empty(rows * columns, np.int32),
        saving=np.empty(rows * columns, np.float64),
        profit=np.empty(rows, np.float64),
        price=np.empty(columns, np.float64),
        column_of=np.empty(rows, np.int64),
        row_of=np.empty(columns, np.int64),
        waiting=np.empty(rows, np.int64),
        loss=np.empty(columns, np.float64),
        reached_from=np.empty(columns, np.int64),
        state=np.zeros(columns, np.uint8),
        reached=np.empty(columns, np.int64),
        settled=np.empty(columns, np.int64),
    )


@kernel
def match(rows: PointSet, columns: PointSet, work: Workspace) -> float:
    """Match two diagrams at least cost; ``rows`` should be the smaller one.

    Args:
        rows: the n points of one diagram.
        columns: the m points of the other.
        work: arrays for at least n x m; ``work.column_of[:n]`` receives for each row its column,
            or ``ALONE`` for the diagonal, and ``work.row_of[:m]`` the same for columns.

    Returns:
        The cost of equation (1), summed over the matching itself: zero for identical points.
    """
    _list_savings(rows, columns, work)
    waiting = _choose_freely(rows.height.size, columns.height.size, work)
    for _ in range(BIDDING_ROUNDS):
        waiting = _bid(waiting, work)
    for turn in range(waiting):
        _augment(work.waiting[turn], work)
    return _cost(rows, columns, work)


@kernel
def _list_savings(rows: PointSet, columns: PointSet, work: Workspace) -> None:
    """Fill the compressed rows with the pairs whose saving is positive."""
    place = 0
    for i in range(rows.height.size):
        work.start[i] = place
        double_height, along = 2.0 * rows.height[i], rows.along[i]
        for j in range(columns.height.size):
            apart = along - columns.along[j]
            saving = double_height * columns.height[j] - apart * apart
            work.column[place] = j
            work.saving[place] = saving
            place += np.int64(saving > 0.0)  # the entry is overwritten if nothing is saved
    work.start[rows.height.size] = place


@kernel
def _choose_freely(rows: int, columns: int, work: Workspace) -> int:
    """At price zero give each row its best column if nobody has it; return how many rows wait."""
    work.price[:columns] = 0.0
    work.row_of[:columns] = ALONE
    waiting = 0
    for i in range(rows):
        work.column_of[i] = ALONE
        best, profit = ALONE, 0.0
        for place in range(work.start[i], work.start[i + 1]):
            if work.saving[place] > profit:
                profit, best = work.saving[place], work.column[place]
        work.profit[i] = profit
        if best == ALONE:
            continue
        if work.row_of[best] == ALONE:
            work.row_of[best], work.column_of[i] = i, best
        else:
            work.waiting[waiting] = i
            waiting += 1
    return waiting


@kernel
def _two_best_offers(i: int, work: Workspace) -> tuple[int, float, float]:
    """Return row i's best column (``ALONE`` if none pays), its offer and the second best offer."""
    column, best, second = ALONE, 0.0, 0.0
    for place in range(work.start[i], work.start[i + 1]):
        j = work.column[place]
        offer = work.saving[place] - work.price[j]
        if offer > second:
            if offer > best:
                column, best, second = j, offer, best
            else:
                second = offer
    return column, best, second


@kernel
def _bid(waiting: int, work: Workspace) -> int:
    """Let each waiting row outbid the owner of its best column, who bids next.

    The price rises until the second best offer is as good.  Bids that raise nothing, or too many
    of them, are left to the shortest paths.  Returns how many rows still wait.
    """
    left, turn, bids = 0, 0, 3 * waiting + 8
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
def _augment(source: int, work: Workspace) -> None:
    """Serve a waiting row by the alternating path that loses the least of its profit.

    The path takes a column, then its owner another one, and so on, until a column is unmatched or
    a row stays alone.  The search settles columns in the order of their loss (Dijkstra); then
    prices and profits move so that every stage's conditions hold again.
    """
    work.profit[source] = _two_best_offers(source, work)[1]
    quitter, quitting_loss = source, work.profit[source]
    row, loss, reached, settled = source, 0.0, 0, 0
    while True:
        reached = _reach(row, loss, reached, work)
        column = _nearest(reached, quitting_loss, work)
        loss = quitting_loss if column == ALONE else work.loss[column]
        if column == ALONE or work.row_of[column] == ALONE:
            break
        work.state[column] = SETTLED
        work.settled[settled] = column
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
    for k in range(reached):
        work.state[work.reached[k]] = UNSEEN


@kernel
def _reach(row: int, loss: float, reached: int, work: Workspace) -> int:
    """Relax the columns that a row at the given loss can take; return how many are reached."""
    base = loss + work.profit[row]
    for place in range(work.start[row], work.start[row + 1]):
        j = work.column[place]
        state = work.state[j]
        if state == SETTLED:
            continue
        candidate = base - (work.saving[place] - work.price[j])
        if state == UNSEEN:
            work.state[j] = REACHED
            work.reached[reached] = j
            reached += 1
        elif candidate >= work.loss[j]:
            continue
        work.loss[j] = candidate
        work.reached_from[j] = row
    return reached


@kernel
def _nearest(reached: int, limit: float, work: Workspace) -> int:
    """Return the reached column of least loss, or ``ALONE`` if none loses less than ``limit``."""
    nearest = ALONE
    for k in range(reached):
        j = work.reached[k]
        if work.state[j] == REACHED and work.loss[j] < limit:
            nearest, limit = j, work.loss[j]
    return nearest


@kernel
def _reprice(source: int, loss: float, settled: int, work: Workspace) -> None:
    """Raise the settled columns' prices and lower their rows' profits to meet the path's loss."""
    work.profit[source] -= loss
    for k in range(settled):
        j = work.settled[k]
        rise = loss - work.loss[j]
        work.price[j] += rise
        work.profit[work.row_of[j]] -= rise


@kernel
def _flip(source: int, column: int, work: Workspace) -> None:
    """Hand the columns along the path that ends in ``column`` to the rows that reached them."""
    row = ALONE
    while row != source:
        row = work.reached_from[column]
        work.row_of[column] = row
        work.column_of[row], column = column, work.column_of[row]


@kernel
def _cost(rows: PointSet, columns: PointSet, work: Workspace) -> float:
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
