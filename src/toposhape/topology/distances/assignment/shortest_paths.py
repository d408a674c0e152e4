# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""The last stage: rows that bidding left are served by shortest alternating paths."""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined

from .bidding import two_best_offers
from .memory import ALONE
from .state import branchless


@inlined
def serve_by_shortest_path(source, columns, work):
    """Serve a waiting row by the alternating path that loses the least of its profit.

    The path takes a column, then its owner another one, and so on, until a column is unmatched or
    a row stays alone.  The search settles columns in the order of their ``loss`` (Dijkstra), where
    ``reached_from`` is the row that would take the column; a settled one's ``asking`` price is
    infinite.  Then prices and profits move so that every stage's conditions hold again.
    """
    for j in range(columns):
        work.asking[j], work.loss[j] = work.price[j], np.inf
    work.profit[source] = two_best_offers(source, work)[1]
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


@inlined
def _reach(row, loss, work):
    """Relax the columns in a row's window, the row being reached at the given loss."""
    first, last, start = work.first[row], work.last[row], row * work.columns
    _relax(
        loss + work.profit[row],
        work.saving[start + first : start + last],
        work.asking[first:last],
        row,
        work.loss[first:last],
        work.reached_from[first:last],
    )


@branchless
def _relax(base, saving, asking, row, loss, reached_from):
    """Lower the losses where the row's offer, compared with ``base``, loses less."""
    for k in range(loss.size):
        candidate = base - saving[k] + asking[k]
        better = candidate < loss[k]
        loss[k] = candidate if better else loss[k]
        reached_from[k] = row if better else reached_from[k]


@branchless
def _least(values, limit):
    """Return where the least value stands and the value, or `ALONE` and the limit if above."""
    position = ALONE
    for k in range(values.size):
        position = k if values[k] < limit else position
        limit = min(limit, values[k])
    return position, limit


@inlined
def _reprice(source, loss, settled, work):
    """Raise the settled columns' prices and lower their rows' profits to meet the path's loss."""
    work.profit[source] -= loss
    for k in range(settled):
        j = work.settled[k]
        rise = loss - work.settled_loss[k]
        work.price[j] += rise
        work.profit[work.row_of[j]] -= rise


@inlined
def _flip(source, column, work):
    """Hand the columns along the path that ends in ``column`` to the rows that reached them."""
    row = ALONE
    while row != source:
        row = work.reached_from[column]
        work.row_of[column] = row
        work.column_of[row], column = column, work.column_of[row]
