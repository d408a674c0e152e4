"""Persistence of functions on the circle, by the engine: from critical values alone, exactly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.topology import diagram_distance, superlevel_diagrams

from .trigonometric import Array, basis, critical_points, frequencies

NEGLIGIBLE = 1e-14
"""Of a frequency's slopes, as a share of the largest."""


class CircleDiagram(NamedTuple):
    """Superlevel sets of a function on the circle, with its critical points.

    Attributes:
        x: ``(2m,)`` critical points, ascending [radians].
        values: ``(2m,)`` of the function there.
        pairs: ``(m, 2)`` places in them, (low, high).  The last pair is the global minimum with
            the global maximum: the classes that never die, of degree 1 and 0.
    """

    x: Array
    values: Array
    pairs: NDArray[np.int64]

    @property
    def points(self) -> Array:
        """The ``(m, 2)`` points (low, high)."""
        return self.values[self.pairs]


def circle_diagram(a: Array) -> CircleDiagram:
    """Compute the diagram of a trigonometric polynomial ``(2n + 1,)`` that is not constant.

    Cut at its global minimum the circle is a line with the same components, and their merging
    needs no other values than the critical ones.

    Raises:
        ValueError: if the function is constant.
    """
    (x,) = critical_points(_without_small_waves(a)[None])
    values = basis(x, len(a) // 2) @ a
    start = int(values.argmin())
    line = np.append(np.roll(values, -start), values[start])
    finite = superlevel_diagrams([line])[0].vertices[0]
    pairs = np.concatenate([finite, [[0, line.argmax()]]])
    return CircleDiagram(x, values, (pairs + start) % len(x))


def _without_small_waves(a: Array) -> Array:
    """Leave out the highest frequencies if their slopes are below rounding.

    They move no critical point, but as leading coefficients they would spoil the roots of f'.
    """
    slopes = frequencies(len(a) // 2) * np.abs(a)
    if not slopes.any():
        raise ValueError(f"a function on the circle must not be constant: it is {a[0]} everywhere")
    last = int(np.flatnonzero(slopes > NEGLIGIBLE * slopes.max())[-1])
    return a[: 2 * ((last + 1) // 2) + 1]


def matched_rows(diagram: CircleDiagram, target: CircleDiagram) -> tuple[Array, Array, float]:
    """Write equation (1) as squares of linear functions of the critical values.

    The global pairs are matched with each other, the others as equation (1) matches them best.

    Returns:
        ``(r, 2m)`` rows R and ``(r,)`` t with d_PD = |R values - t|^2 + rest, and the rest: what
        points of the target cost that are matched with the diagonal.
    """
    ours, wanted = diagram.points, target.points
    _, found = diagram_distance(ours[:-1], wanted[:-1], return_matching=True)
    pairs = np.concatenate([found, [[len(ours) - 1, len(wanted) - 1]]])
    alone = np.setdiff1d(np.arange(len(ours)), pairs[:, 0])
    left = np.delete(wanted, pairs[:, 1], axis=0)
    identity = np.eye(len(diagram.values))
    low, high = diagram.pairs.T
    rows = [identity[low[pairs[:, 0]]], identity[high[pairs[:, 0]]]]
    rows.append((identity[high[alone]] - identity[low[alone]]) / np.sqrt(2))
    goals = np.concatenate([wanted[pairs[:, 1]].T.ravel(), np.zeros(len(alone))])
    return np.concatenate(rows), goals, float(np.sum((left[:, 1] - left[:, 0]) ** 2) / 2)
