# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""What the stages of the assignment share: the dual variables, the matching."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.marks import OPTIONS, inlined

branchless = numba.njit(fastmath={"nnan", "nsz", "contract"}, **OPTIONS)
"""Mark a function of minima, maxima and choices, which become instructions without branches.

It must not see a NaN.
"""


class PointSet(NamedTuple):
    """Points of one diagram in the frame of the diagonal, sorted along it: two ``(n,)`` arrays."""

    height: NDArray[np.float64]
    along: NDArray[np.float64]


class Workspace(NamedTuple):
    """Arrays reused by all the matchings of a thread, for at most ``rows`` x ``columns`` points.

    Attributes:
        columns: the most there can be.
        saving: ``(rows * columns,)``, row by row; all positive savings of row i lie in its window
            of columns, from ``first[i]`` to before ``last[i]``.
        profit, price: the dual variables of rows and columns.
        column_of, row_of: the matching, or `ALONE`.
        waiting: rows that are neither matched nor content.
        loss, reached_from, asking, settled, settled_loss: see `serve_by_shortest_path`.
    """

    columns: int
    saving: NDArray[np.float64]
    profit: NDArray[np.float64]
    price: NDArray[np.float64]
    loss: NDArray[np.float64]
    asking: NDArray[np.float64]
    settled_loss: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    column_of: NDArray[np.int64]
    waiting: NDArray[np.int64]
    row_of: NDArray[np.int64]
    reached_from: NDArray[np.int64]
    settled: NDArray[np.int64]


@inlined
def workspace(rows, columns, memory):
    """Share out memory (`memory.Memory`) for up to ``rows`` x ``columns`` points."""
    pairs = rows * columns
    floats, integers = memory.floats[pairs + rows :], memory.integers[4 * rows :]
    return Workspace(
        columns=columns,
        saving=memory.floats[:pairs],
        profit=memory.floats[pairs : pairs + rows],
        price=floats[:columns],
        loss=floats[columns : 2 * columns],
        asking=floats[2 * columns : 3 * columns],
        settled_loss=floats[3 * columns : 4 * columns],
        first=memory.integers[:rows],
        last=memory.integers[rows : 2 * rows],
        column_of=memory.integers[2 * rows : 3 * rows],
        waiting=memory.integers[3 * rows : 4 * rows],
        row_of=integers[:columns],
        reached_from=integers[columns : 2 * columns],
        settled=integers[2 * columns : 3 * columns],
    )
