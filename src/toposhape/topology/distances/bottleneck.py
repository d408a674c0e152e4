"""The bottleneck distance of two diagrams, exact: bisection over all costs that can be the answer.

gudhi's, up to 3.13 at least, gives too much for some pairs: it ends a search for augmenting paths
too early (GUDHI/gudhi-devel, pull request 1367).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def bottleneck_distance(p: ArrayLike, q: ArrayLike) -> float:
    """Return the least r for which a partial matching moves no coordinate by more than r.

    Points that are not matched move to the diagonal, by half their length.

    Args:
        p: ``(n, 2)`` points (low, high) of one degree.
        q: ``(m, 2)`` points of the other diagram.

    Examples:
        >>> bottleneck_distance([[0.0, 3.0]], [[0.0, 2.0], [4.0, 5.0]])
        1.0
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    p, q = (np.asarray(each, np.float64).reshape(-1, 2) for each in (p, q))
    n, m = len(p), len(q)
    if n + m == 0:
        return 0.0
    costs = np.zeros((n + m, n + m))  # every point may have a place on the diagonal
    costs[:n, :m] = np.abs(p[:, None] - q).max(axis=2)
    costs[:n, m:] = (p[:, 1:] - p[:, :1]) / 2
    costs[n:, :m] = (q[:, 1] - q[:, 0]) / 2
    candidates = np.unique(costs)
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        allowed = csr_array(costs <= candidates[middle])
        if np.all(maximum_bipartite_matching(allowed, perm_type="column") >= 0):
            high = middle
        else:
            low = middle + 1
    return float(candidates[low])
