# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""What the stages of the assignment share: the points, the dual variables, the matching."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from ..compilation import OPTIONS, kernel

ALONE = -1
"""In place of a partner: the point goes to the diagonal."""

branchless_kernel = numba.njit(fastmath={"nnan", "nsz", "contract"}, **OPTIONS)
"""Mark a kernel of minima, maxima and choices, which become instructions without branches.

It must not see a NaN.
"""


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
        loss, reached_from, asking, settled, settled_loss: see `serve_by_shortest_path`.
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
