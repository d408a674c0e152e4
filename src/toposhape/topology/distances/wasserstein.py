"""Distances between persistence diagrams, equation (1), and between sets of them, equation (2).

The distance of two diagrams is the squared 2-Wasserstein distance with Euclidean ground metric:
matched points pay their squared distance, the others the squared distance to the diagonal,
``(birth - death)^2 / 2``; its square root is a metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..diagram import DEGREES
from . import assignment

ENGINES = ("native", "lap")
ROOT_OF_2 = np.sqrt(2)
LARGEST = 1e150
"""Coordinate whose square, and the sum of many such squares, is a float64."""


class HasPoints(Protocol):
    """What a diagram must offer: `Diagram` does, and what `read_diagrams` returns."""

    @property
    def points(self) -> tuple[NDArray[np.floating], ...]:
        """For each degree the ``(n_k, 2)`` points ``(death, birth)``."""


Diagrams = Sequence[ArrayLike] | Sequence[HasPoints]


@overload
def diagram_distance(
    p: ArrayLike,
    q: ArrayLike,
    *,
    return_matching: Literal[False] = ...,
    engine: Literal["native", "lap"] = ...,
) -> float: ...


@overload
def diagram_distance(
    p: ArrayLike,
    q: ArrayLike,
    *,
    return_matching: Literal[True],
    engine: Literal["native", "lap"] = ...,
) -> tuple[float, NDArray[np.int64]]: ...


def diagram_distance(
    p: ArrayLike,
    q: ArrayLike,
    *,
    return_matching: bool = False,
    engine: Literal["native", "lap"] = "native",
) -> float | tuple[float, NDArray[np.int64]]:
    """Compute equation (1) for the diagrams of one degree, exactly.

    Args:
        p: ``(n, 2)`` points ``(death, birth)``, ``death <= birth``.
        q: ``(m, 2)`` points of the other diagram.
        return_matching: also return an optimal matching.
        engine: ``"native"`` is this package's sparse assignment, ``"lap"`` solves the augmented
            ``(n + m) x (n + m)`` problem with `lap.lapjv`, for comparison.

    Returns:
        The distance, in squared units of the field; with ``return_matching`` also a ``(k, 2)``
        int64 array of matched indices into ``p`` and ``q``, sorted by the first.  Points that it
        does not name go to the diagonal.

    Raises:
        ValueError: for a wrong shape, a number that is not finite or larger than `LARGEST`, a
            point below the diagonal or an unknown engine.
        TypeError: for a masked array.

    Examples:
        The long points are 0.5 apart, the short one is 0.2 / sqrt(2) from the diagonal.

        >>> p, q = [[0.0, 2.0], [0.5, 0.7]], [[0.0, 2.5]]
        >>> round(diagram_distance(p, q), 6)  # 0.5 ** 2 + 0.2 ** 2 / 2
        0.27
        >>> diagram_distance(p, q, return_matching=True)[1]
        array([[0, 0]])
    """
    _require_engine(engine)
    p, q = _checked(p, "p"), _checked(q, "q")
    if engine == "lap":
        cost, matching = _augmented_matching(p, q)
    else:
        cost, matching = _native_matching(p, q)
    return (cost, matching) if return_matching else cost


def diagram_distances(
    ps: Diagrams,
    qs: Diagrams | None = None,
    *,
    degrees: Sequence[int] = DEGREES,
    parts: bool = False,
    engine: Literal["native", "lap"] = "native",
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Compute equation (1) between all diagrams of two lists.

    Args:
        ps: n diagrams: arrays ``(n_i, 2)`` of one degree, or objects with ``points`` like
            `Diagram`, whose distance is the sum over the degrees.
        qs: m diagrams of the same kind; by default ``ps`` again, each pair computed once.
        degrees: for objects with ``points``, the degrees that count.
        parts: keep the degrees apart instead of summing them.
        engine: as in `diagram_distance`; ``"lap"`` runs in one thread.
        threads: rows computed at the same time; all cores that the process may use by default.

    Returns:
        ``(n, m)`` float64 distances, or ``(len(degrees), n, m)`` with ``parts``.

    Raises:
        ValueError: as `diagram_distance`, naming the diagram; for lists that mix arrays and
            diagrams; for ``parts`` of arrays, which have one degree.
    """
    _require_engine(engine)
    if _are_arrays(ps, qs):
        if parts:
            raise ValueError("parts=True needs diagrams with points of several degrees, not arrays")
        return _one_degree(ps, qs, "", engine, threads)
    layers = [
        _one_degree(
            _points(ps, k),
            None if qs is None else _points(qs, k),
            f", degree {k}",
            engine,
            threads,
        )
        for k in degrees
    ]
    return np.stack(layers) if parts else np.sum(layers, axis=0)


def distribution_distance(costs: ArrayLike) -> float:
    """Compute equation (2): the mean distance of two sets of n diagrams under the best pairing.

    Args:
        costs: ``(n, n)`` distances between the diagrams of the two sets.

    Returns:
        ``1/n min <W, costs>`` over all permutation matrices W; the score PD-LAP.

    Raises:
        ValueError: if the matrix is empty, not square, not finite, or larger than `LARGEST`^2.
    """
    from scipy.optimize import linear_sum_assignment

    costs = np.asarray(costs, dtype=np.float64)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1] or costs.size == 0:
        raise ValueError(
            f"equation (2) pairs two sets of equal size: costs must have shape (n, n) with n > 0, "
            f"got {costs.shape}; draw as many synthetic shapes as there are reference shapes"
        )
    good = np.abs(costs) <= LARGEST**2
    if not good.all():
        i, j = np.argwhere(~good)[0]
        raise ValueError(
            f"costs[{i}, {j}] is {costs[i, j]}; distances must be finite and at most {LARGEST**2:g}"
        )
    rows, columns = linear_sum_assignment(costs)
    return float(costs[rows, columns].mean())


def _points(diagrams: Sequence[Any], degree: int) -> list[NDArray[np.floating]]:
    return [diagram.points[degree] for diagram in diagrams]


def _one_degree(
    ps: Sequence[Any],
    qs: Sequence[Any] | None,
    where: str,
    engine: str,
    threads: int | None,
) -> NDArray[np.float64]:
    """Fill the matrix for arrays of points of one degree."""
    first = [_checked(p, f"diagram {i} of ps{where}") for i, p in enumerate(ps)]
    if qs is None:
        second = first
    else:
        second = [_checked(q, f"diagram {j} of qs{where}") for j, q in enumerate(qs)]
    if engine == "lap":
        costs = [[_augmented_matching(p, q)[0] for q in second] for p in first]
        return np.array(costs, dtype=np.float64).reshape(len(first), len(second))
    rows = _pack(first)
    return assignment.fill_matrix(rows, rows if qs is None else _pack(second), threads)


def _pack(diagrams: Iterable[NDArray[np.float64]]) -> assignment.Packed:
    """Put the points of many diagrams end to end, in the frame of the diagonal."""
    frames = [np.empty((2, 0))]  # np.concatenate refuses an empty list
    frames += [_diagonal_frame(points)[0] for points in diagrams]
    start = np.cumsum([frame.shape[1] for frame in frames])
    return assignment.Packed(np.concatenate(frames, axis=1), start)


def _diagonal_frame(points: NDArray[np.float64]) -> tuple[assignment.Frame, NDArray[np.int64]]:
    """Return points in the frame of the diagonal, sorted along it, and their order."""
    death, birth = points[:, 0], points[:, 1]
    along = (birth + death) / ROOT_OF_2
    order = along.argsort(kind="stable")
    frame = np.empty((2, len(points)))
    frame[0], frame[1] = ((birth - death) / ROOT_OF_2)[order], along[order]
    return frame, order


def _native_matching(
    p: NDArray[np.float64], q: NDArray[np.float64]
) -> tuple[float, NDArray[np.int64]]:
    """Match one pair of diagrams with the native engine."""
    p_frame, p_order = _diagonal_frame(p)
    q_frame, q_order = _diagonal_frame(q)
    cost, partner = assignment.match_pair(p_frame, q_frame)
    partner_of = np.full(len(p), assignment.ALONE)  # in the order of the caller's points
    partner_of[p_order] = partner
    matched = (partner_of != assignment.ALONE).nonzero()[0]
    matching = np.empty((matched.size, 2), np.int64)
    matching[:, 0], matching[:, 1] = matched, q_order[partner_of[matched]]
    return cost, matching


def _augmented_matching(
    p: NDArray[np.float64], q: NDArray[np.float64]
) -> tuple[float, NDArray[np.int64]]:
    """Solve the augmented assignment problem, with one diagonal slot for each point, by lap."""
    import lap

    n, m = len(p), len(q)
    if n + m == 0:
        return 0.0, np.empty((0, 2), np.int64)
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = ((p[:, None] - q) ** 2).sum(axis=-1)
    costs[:n, m:] = ((p[:, 1] - p[:, 0]) ** 2 / 2)[:, None]
    costs[n:, :m] = (q[:, 1] - q[:, 0]) ** 2 / 2
    cost, column_of_row, _ = lap.lapjv(costs)
    column_of_row = column_of_row[:n].astype(np.int64)
    matched = np.flatnonzero(column_of_row < m)
    return float(cost), np.stack([matched, column_of_row[matched]], axis=1)


def _require_engine(engine: str) -> None:
    """Refuse an unknown engine."""
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")


def _are_arrays(ps: Diagrams, qs: Diagrams | None) -> bool:
    """Tell whether the lists hold arrays of one degree (True) or diagrams (False)."""
    kinds = {hasattr(diagram, "points") for diagram in [*ps, *([] if qs is None else qs)]}
    if len(kinds) > 1:
        raise ValueError("give arrays of points or diagrams, not both in one call")
    return kinds == {False}


def _checked(points: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return points as ``(n, 2)`` float64, or say what is wrong with them and where."""
    if isinstance(points, np.ndarray) and hasattr(points, "mask"):
        raise TypeError(f"{name} is a masked array: leave out the points under the mask yourself")
    points = np.asarray(points, dtype=np.float64)
    if points.size == 0:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"{name} has shape {points.shape}; points (death, birth) are (n, 2)")
    good = np.abs(points) <= LARGEST
    if not good.all():
        row = int(np.argwhere(~good)[0, 0])
        raise ValueError(
            f"{name}: point {row} is {tuple(points[row].tolist())}; only finite points up to "
            f"{LARGEST:g} have a distance: leave out the class that never dies, or scale the points"
        )
    if (points[:, 0] > points[:, 1]).any():
        row = int(np.flatnonzero(points[:, 0] > points[:, 1])[0])
        raise ValueError(
            f"{name}: point {row} is {tuple(points[row].tolist())}, but death must not exceed "
            "birth; for sublevel sets negate and swap the coordinates"
        )
    return points
