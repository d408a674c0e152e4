"""The assignments of one pair of diagrams and of all pairs of two lists, from Python."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Bundle, Kernel
from toposhape.base.threads import run_in_threads

from .memory import Frame, Packed, new_memory

_match_pair = Kernel(f"{__package__}.matching", "match_pair")
_fill_row = Kernel(f"{__package__}.matching", "fill_row")


def match_pair(p: Frame, q: Frame) -> tuple[float, NDArray[np.int64]]:
    """Match two diagrams at least cost.

    Returns:
        The cost of equation (1), and for each point of p its match in q or `ALONE`.
    """
    memory = new_memory(*sorted((p.shape[1], q.shape[1])))
    partner, cost = np.empty(p.shape[1], np.int64), np.empty(1)
    _match_pair(p, q, memory, partner, cost)
    return float(cost[0]), partner


def fill_matrix(ps: Packed, qs: Packed, threads: int | None) -> NDArray[np.float64]:
    """Compute the costs of equation (1) between all diagrams of two lists.

    Args:
        ps: n diagrams.
        qs: m diagrams; if it is the same object each pair is computed once.
        threads: rows computed at the same time, as in `run_in_threads`.

    Returns:
        ``(n, m)`` costs.
    """
    sizes, most = ps.sizes().tolist(), int(qs.sizes().max(initial=0))
    costs = np.zeros((len(sizes), len(qs.start) - 1))
    lists, target = (Bundle(ps), Bundle(qs)), Bundle(costs)

    def fill(row: int) -> None:
        rows, columns = sorted((sizes[row], most))
        memory = new_memory(rows, columns)
        _fill_row(*lists, row, rows, columns, int(ps is qs), memory, target)

    run_in_threads(fill, len(sizes), threads)
    return costs
