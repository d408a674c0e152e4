"""Exact Chamfer distances between many point clouds.

The Chamfer distance of clouds A and B is the mean squared distance of A's points to their nearest
neighbours in B plus the same from B to A.

Each cloud is cut once at medians into 2^L leaves of 16 points, in the order of a balanced k-d
tree, so that leaves whose numbers differ in low bits only lie close together.  A leaf of A asks B's
leaves in the order ``nearest ^ 1, nearest ^ 2, ...`` and passes over those whose box is farther
away than the worst of its 16 nearest neighbours so far: nothing that is passed over could have
changed the answer.  The 16 points of a leaf go through the processor's vector units together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toposhape.base.kernels.calls import Bundle, Kernel
from toposhape.base.threads import run_in_threads

LEAF = 16
FAR = np.float32(3e38)
LARGEST = 1e18  # larger coordinates have squared distances that float32 cannot hold

_fill_row = Kernel(f"{__package__}.chamfer_kernels", "fill_row", sources="chamfer*.py")


CloudList = NDArray[np.floating] | Sequence[ArrayLike]


class Clouds(NamedTuple):
    """Point clouds in leaves, end to end; each is padded to whole leaves with copies of its points.

    Attributes:
        points: ``(leaves, 3, LEAF)`` float32.
        boxes: ``(6 leaves,)`` float32: for each cloud a block ``(6, its leaves)``, least x, y, z
            and largest x, y, z of each leaf.
        weights: ``(leaves, LEAF)`` float32: 1, or 0 for a copy.
        start: ``(n + 1,)`` int64: cloud i has the leaves from ``start[i]`` to ``start[i + 1]``.
    """

    points: NDArray[np.float32]
    boxes: NDArray[np.float32]
    weights: NDArray[np.float32]
    start: NDArray[np.int64]


def chamfer_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Compute the mean squared nearest-neighbour distance, both directions summed, exactly.

    Args:
        a: ``(n, 3)`` points, taken as float32.
        b: ``(m, 3)`` points, taken as float32.

    Returns:
        The distance in squared units of the points.

    Raises:
        ValueError: for a wrong shape, an empty cloud or a coordinate that is not finite.
    """
    return float(chamfer_matrix([a], [b], threads=1)[0, 0])


def chamfer_matrix(
    clouds_a: CloudList,
    clouds_b: CloudList | None = None,
    *,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Compute the Chamfer distances between all clouds of two lists, exactly.

    Args:
        clouds_a: n clouds ``(n_i, 3)``, or an array ``(n, P, 3)``; taken as float32.
        clouds_b: m clouds; by default ``clouds_a`` again.
        threads: rows computed at the same time; all cores that the process may use by default.

    Returns:
        ``(n, m)`` float64, in squared units of the points.

    Raises:
        ValueError: as `chamfer_distance`, naming the cloud.
    """
    both: NDArray[np.float64] = directed_chamfer_matrices(clouds_a, clouds_b, threads=threads).sum(
        axis=0
    )
    return both


def directed_chamfer_matrices(
    clouds_a: CloudList,
    clouds_b: CloudList | None = None,
    *,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Compute the two directions of the Chamfer distances between all clouds of two lists.

    Args:
        clouds_a: n clouds, as in `chamfer_matrix`.
        clouds_b: m clouds; by default ``clouds_a`` again.
        threads: as in `chamfer_matrix`.

    Returns:
        ``(2, n, m)`` float64: [0, i, j] is the mean squared distance of the points of a's cloud i
        to b's cloud j, [1, i, j] that of the points of b's cloud j to a's cloud i.

    Raises:
        ValueError: as `chamfer_distance`, naming the cloud.
    """
    rows = _pack(clouds_a, "a")
    if clouds_b is None:
        one_way = _directed(rows, rows, threads)
        return np.stack([one_way, one_way.T])
    columns = _pack(clouds_b, "b")
    forth = _directed(rows, columns, threads)
    both = np.empty((2, *forth.shape))
    both[0], both[1] = forth, _directed(columns, rows, threads).T
    return both


def _directed(sources: Bundle, targets: Bundle, threads: int | None) -> NDArray[np.float64]:
    """Return the ``(n, m)`` mean squared distances from each source to each target."""
    start = targets.value.start
    most_leaves = (start[1:] - start[:-1]).max(initial=0)
    distances = np.empty((sources.value.start.size - 1, start.size - 1))
    answers = Bundle(distances)

    def fill(row: int) -> None:
        _fill_row(sources, targets, row, np.empty(LEAF + most_leaves, np.float32), answers)

    run_in_threads(fill, len(distances), threads)
    return distances


def _pack(clouds: CloudList, name: str) -> Bundle:
    """Cut each cloud into leaves and put them end to end, as `Clouds`."""
    leaves = [_leaves(_checked(points, f"cloud {i} of {name}")) for i, points in enumerate(clouds)]
    start = np.zeros(len(leaves) + 1, np.int64)
    np.cumsum([len(points) for points, _ in leaves], out=start[1:])
    none = np.empty((0, LEAF, 3), np.float32), np.empty((0, LEAF), np.float32)
    points = np.concatenate([points for points, _ in leaves] + [none[0]])
    weights = np.concatenate([weights for _, weights in leaves] + [none[1]])
    sides = [
        np.concatenate([own.min(axis=1), own.max(axis=1)], axis=1).T.ravel() for own, _ in leaves
    ]
    boxes = np.concatenate([*sides, np.empty(0, np.float32)])
    return Bundle(Clouds(np.ascontiguousarray(points.transpose(0, 2, 1)), boxes, weights, start))


def _leaves(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cut a cloud at medians, always across the longest side, into 2^L leaves of LEAF points.

    Returns:
        ``(leaves, LEAF, 3)`` points and ``(leaves, LEAF)`` weights: 1, or 0 for a copy.
    """
    levels = max(0, int(np.ceil(np.log2(len(points) / LEAF))))
    padded = LEAF << levels
    order = np.arange(padded)[None]  # from len(points) on: copies, in the order of the points
    columns = np.ascontiguousarray(points.T[:, order[0] % len(points)])
    for _ in range(levels):
        parts = columns[:, order]  # (3, parts, points)
        longest = (parts.max(axis=2) - parts.min(axis=2)).argmax(axis=0)
        ranks = np.argsort(parts[longest, np.arange(len(order))], axis=1)
        order = np.take_along_axis(order, ranks, axis=1).reshape(2 * len(order), -1)
    return points[order % len(points)], (order < len(points)).astype(np.float32)


def _checked(points: ArrayLike, name: str) -> NDArray[np.float32]:
    """Return a cloud as ``(n, 3)`` float32, or say what is wrong with it and where."""
    points = np.asarray(points, dtype=np.float32)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) == 0:
        raise ValueError(f"{name} has shape {points.shape}; (n, 3) with n > 0 is needed")
    good = np.abs(points) <= LARGEST
    if not good.all():
        row = int(np.argwhere(~good)[0, 0])
        raise ValueError(
            f"{name}: point {row} is {points[row].tolist()}; finite coordinates up to "
            f"{LARGEST:g} are needed"
        )
    return points
