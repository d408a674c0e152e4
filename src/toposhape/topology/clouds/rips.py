"""Vietoris-Rips filtrations: critical edges, by gudhi or ripser; degree 0 alone by a tree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]


ENGINES = ("gudhi", "ripser")
MOST_RANKS = 1 << 24
"""Whole numbers up to here are exact in ripser, which counts in float32."""


def rips_cells(
    points: NDArray[np.float64], degrees: int, longest: float | None, engine: str = "gudhi"
) -> list[Cells]:
    """Return the edges where classes are born and die; in degree 0 they are born at a point.

    Beyond the least radius around one of the points that holds all of them the complex is a cone
    and nothing happens any more: it is built no further.  Edges are never collapsed: that would
    change the values, and the edges with them.

    Args:
        points: ``(n, d)``.
        degrees: how many degrees, from 0 on.
        longest: length of edge at which to stop; what is alive then is left out.
        engine: `ENGINES`; ripser is a package of its own.

    Returns:
        For each degree ``(m, 2, 2)``.
    """
    if not len(points):
        return [np.empty((0, 2, 2), np.int64)] * degrees
    lengths = np.sqrt(np.square(points[:, None] - points).sum(axis=2))
    if degrees == 1:
        return [_spanning_tree(lengths, np.inf if longest is None else longest)]
    if engine == "ripser":
        return _by_ranks(lengths, degrees, np.inf if longest is None else longest)
    import gudhi

    enclosing = lengths.max(axis=1).min()
    stop = enclosing if longest is None else min(longest, enclosing)
    tree = gudhi.SimplexTree.create_from_array(lengths, max_filtration=stop)
    tree.expansion(degrees)
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0.0)
    return flag_cells(tree, degrees)


def flag_cells(tree: Any, degrees: int) -> list[Cells]:
    """Return the edges of a gudhi tree, persistence computed, whose values are its edges'."""
    merged, higher, _, _ = tree.flag_persistence_generators()
    cells = [np.asarray(merged, np.int64).reshape(-1, 3)[:, [0, 0, 1, 2]]]
    cells += [np.asarray(pairs, np.int64) for pairs in higher]
    cells += [np.empty((0, 4), np.int64)] * degrees  # gudhi stops at the last degree with points
    return [pairs.reshape(-1, 2, 2) for pairs in cells[:degrees]]


def _by_ranks(lengths: NDArray[np.float64], degrees: int, longest: float) -> list[Cells]:
    """Let ripser reduce ranks instead of lengths: a value of its diagram then names an edge."""
    from ripser import ripser

    one, other = np.triu_indices(len(lengths), 1)
    order = lengths[one, other].argsort(kind="stable")
    if len(order) > MOST_RANKS:
        raise ValueError(
            f"{len(lengths)} points have more than {MOST_RANKS} edges, which is the most that "
            "engine='ripser' can tell apart: take engine='gudhi', or fewer points"
        )
    edges = np.stack([one, other], axis=1)[order]
    ranks = np.zeros_like(lengths)
    ranks[edges[:, 0], edges[:, 1]] = ranks[edges[:, 1], edges[:, 0]] = 1 + np.arange(len(edges))
    allowed = np.searchsorted(lengths[edges[:, 0], edges[:, 1]], longest, side="right")
    stop = min(ranks.max(axis=1).min(), allowed)
    found = ripser(ranks, maxdim=degrees - 1, thresh=stop, distance_matrix=True, coeff=2)["dgms"]
    cells = []
    for degree, pairs in enumerate(found):
        finite = pairs[np.isfinite(pairs[:, 1])].astype(np.int64)
        death = edges[finite[:, 1] - 1]
        birth = edges[finite[:, 0] - 1] if degree else death[:, [1, 1]]
        both = np.stack([birth, death], axis=1)
        values = lengths[both[:, :, 0], both[:, :, 1]]
        cells.append(both[values[:, 0] < values[:, 1]])
    return cells


def _spanning_tree(lengths: NDArray[np.float64], longest: float) -> Cells:
    """Return the edges of a minimum spanning tree (Prim): each ends a component."""
    n = len(lengths)
    best, nearest = lengths[0].copy(), np.zeros(n, np.int64)
    outside = np.ones(n, bool)
    outside[0] = False
    edges = []
    for _ in range(n - 1):
        new = int(np.where(outside, best, np.inf).argmin())
        if 0 < best[new] <= longest:
            edges.append((new, new, nearest[new], new))
        outside[new] = False
        nearer = lengths[new] < best
        best[nearer], nearest[nearer] = lengths[new][nearer], new
    return np.array(edges, np.int64).reshape(-1, 2, 2)
