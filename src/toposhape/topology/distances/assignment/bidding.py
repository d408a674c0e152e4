# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""The first stages: what matches save, and rows that outbid each other."""

from __future__ import annotations

from toposhape.base.kernels.marks import inlined

from .memory import ALONE
from .state import branchless

BIDS_PER_ROW = 2


@inlined
def work_out_savings(rows, columns, work):
    """Fill in the savings and their windows; return how many rows wait: those that can save."""
    waiting = 0
    for i in range(rows.height.size):
        start = i * work.columns
        saving = work.saving[start : start + columns.height.size]
        first, last = _save(rows.height[i], rows.along[i], columns.height, columns.along, saving)
        work.first[i], work.last[i] = first, last
        work.profit[i], work.column_of[i] = 0.0, ALONE
        work.waiting[waiting] = i
        waiting += int(first < last)
    return waiting


@branchless
def _save(height, along, heights, alongs, saving):
    """Fill in what one point saves with each of the others; return the window of the positive."""
    first, last, double_height = saving.size, 0, 2.0 * height
    for j in range(saving.size):
        apart = along - alongs[j]
        saving[j] = double_height * heights[j] - apart * apart
        first = min(first, j if saving[j] > 0.0 else saving.size)
        last = max(last, j + 1 if saving[j] > 0.0 else 0)
    return first, last


@inlined
def bid(waiting, work):
    """Let each waiting row outbid the owner of its best column, who bids next.

    The price rises until the second best offer is as good.  Bids that raise nothing, or too many
    of them, are left to the shortest paths.  Returns how many rows still wait.
    """
    left, turn, bids = 0, 0, BIDS_PER_ROW * waiting
    while turn < waiting:
        i = work.waiting[turn]
        turn += 1
        j, best, second = two_best_offers(i, work)
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


@inlined
def two_best_offers(i, work):
    """Return row i's best column (`ALONE` if none pays), its offer and the second best offer."""
    first, last, start = work.first[i], work.last[i], i * work.columns
    saving = work.saving[start + first : start + last]
    position, best, second = _two_largest(saving, work.price[first:last])
    return (ALONE if position == ALONE else first + position), best, second


@branchless
def _two_largest(saving, price):
    """Return where saving - price is largest, or `ALONE`, and the two largest, or zeros."""
    position, best, second = ALONE, 0.0, 0.0
    for k in range(saving.size):
        offer = saving[k] - price[k]
        second = max(second, min(best, offer))
        position = k if offer > best else position
        best = max(best, offer)
    return position, best, second
