# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
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

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from toposhape.topology.compilation import OPTIONS, entry, kernel
from toposhape.topology.parallel import run_in_threads

LEAF = 16
FAR = np.float32(3e38)
LARGEST = 1e18  # larger coordinates have squared distances that float32 cannot hold

# neither NaN nor infinity reaches the kernels: minima become plain vector instructions
vector_kernel = numba.njit(fastmath={"nnan", "ninf", "nsz", "contract"}, **OPTIONS)


class _Clouds(NamedTuple):
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
    clouds_a: Sequence[ArrayLike],
    clouds_b: Sequence[ArrayLike] | None = None,
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
    return directed_chamfer_matrices(clouds_a, clouds_b, threads=threads).sum(axis=0)


def directed_chamfer_matrices(
    clouds_a: Sequence[ArrayLike],
    clouds_b: Sequence[ArrayLike] | None = None,
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
    return np.stack([_directed(rows, columns, threads), _directed(columns, rows, threads).T])


def _directed(sources: _Clouds, targets: _Clouds, threads: int | None) -> NDArray[np.float64]:
    """Return the ``(n, m)`` mean squared distances from each source to each target."""
    distances = np.empty((sources.start.size - 1, targets.start.size - 1))
    target_arrays = (targets.points, targets.boxes, targets.start)
    run_in_threads(
        lambda row: fill_row(*sources, *target_arrays, row, distances), len(distances), threads
    )
    return distances


def _pack(clouds: Sequence[ArrayLike], name: str) -> _Clouds:
    """Cut each cloud into leaves and put them end to end."""
    leaves = [_leaves(_checked(points, f"cloud {i} of {name}")) for i, points in enumerate(clouds)]
    start = np.zeros(len(leaves) + 1, np.int64)
    np.cumsum([len(points) for points, _ in leaves], out=start[1:])
    none = np.empty((0, LEAF, 3), np.float32), np.empty((0, LEAF), np.float32)
    points = np.concatenate([points for points, _ in leaves] + [none[0]])
    weights = np.concatenate([weights for _, weights in leaves] + [none[1]])
    boxes = [
        np.concatenate([own.min(axis=1), own.max(axis=1)], axis=1).T.ravel()
        for own in np.split(points, start[1:-1])
        if len(own)
    ]
    boxes = np.concatenate([*boxes, np.empty(0, np.float32)])
    return _Clouds(np.ascontiguousarray(points.transpose(0, 2, 1)), boxes, weights, start)


def _leaves(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cut a cloud at medians, always across the longest side, into 2^L leaves of LEAF points.

    Returns:
        ``(leaves, LEAF, 3)`` points and ``(leaves, LEAF)`` weights: 1, or 0 for a copy.
    """
    levels = max(0, int(np.ceil(np.log2(len(points) / LEAF))))
    padded = LEAF << levels
    order = np.resize(np.arange(len(points)), (1, padded))
    weights = np.zeros((1, padded), np.float32)
    weights[:, : len(points)] = 1
    columns = np.ascontiguousarray(points.T)
    for _ in range(levels):
        parts = columns[:, order]  # (3, parts, points)
        longest = (parts.max(axis=2) - parts.min(axis=2)).argmax(axis=0)
        ranks = np.argsort(parts[longest, np.arange(len(order))], axis=1)
        order = np.take_along_axis(order, ranks, axis=1).reshape(2 * len(order), -1)
        weights = np.take_along_axis(weights, ranks, axis=1).reshape(order.shape)
    return points[order], weights


@entry
def fill_row(
    points, boxes, weights, start, target_points, target_boxes, target_start, row, distances
):
    """Fill in the mean squared distances from one cloud's points to their nearest in each target.

    Args:
        points, boxes, weights, start: the clouds, as in `_Clouds`.
        target_points, target_boxes, target_start: the targets.
        row: the cloud.
        distances: ``(n, m)`` float64, receives row ``row``.
    """
    own = slice(start[row], start[row + 1])
    own_boxes = _boxes_of(boxes, start, row)
    for j in range(target_start.size - 1):
        other = slice(target_start[j], target_start[j + 1])
        other_boxes = _boxes_of(target_boxes, target_start, j)
        distances[row, j] = _mean_squared_distance(
            points[own], own_boxes, weights[own], target_points[other], other_boxes
        )


@kernel
def _boxes_of(boxes, start, i):
    """Return the ``(6, leaves)`` boxes of cloud i."""
    return boxes[6 * start[i] : 6 * start[i + 1]].reshape(6, start[i + 1] - start[i])


@kernel
def _mean_squared_distance(points, boxes, weights, target_points, target_boxes):
    """Return the mean squared distance of a cloud's points to their nearest ones in another."""
    box_distances = np.empty(target_boxes.shape[1], np.float32)
    nearest = np.empty(LEAF, np.float32)
    total, count = 0.0, 0.0
    for leaf in range(points.shape[0]):
        closest = _measure_boxes(boxes, leaf, target_boxes, box_distances)
        nearest[:] = FAR
        worst = FAR
        for step in range(box_distances.size):
            other = closest ^ step
            if box_distances[other] < worst:
                worst = _visit(points[leaf], target_points[other], nearest)
        for k in range(LEAF):
            total += np.float64(weights[leaf, k]) * nearest[k]
            count += weights[leaf, k]
    return total / count


@vector_kernel
def _measure_boxes(boxes, leaf, target_boxes, distances):
    """Fill in the squared distances of a leaf's box to all target boxes; return the closest."""
    zero = np.float32(0)
    x0, y0, z0 = boxes[0, leaf], boxes[1, leaf], boxes[2, leaf]
    x1, y1, z1 = boxes[3, leaf], boxes[4, leaf], boxes[5, leaf]
    for k in range(distances.size):
        dx = max(max(target_boxes[0, k] - x1, x0 - target_boxes[3, k]), zero)
        dy = max(max(target_boxes[1, k] - y1, y0 - target_boxes[4, k]), zero)
        dz = max(max(target_boxes[2, k] - z1, z0 - target_boxes[5, k]), zero)
        distances[k] = dx * dx + dy * dy + dz * dz
    return _closest(distances)


@vector_kernel
def _closest(distances):
    """Return where the least distance stands first."""
    least = FAR
    for k in range(distances.size):
        least = min(least, distances[k])
    for k in range(distances.size):
        if distances[k] == least:
            return k
    return 0


@vector_kernel
def _visit(points, targets, nearest):
    """Let the points of a leaf see those of another; return the worst nearest distance."""
    for i in range(LEAF):
        x, y, z = points[0, i], points[1, i], points[2, i]
        least = nearest[i]
        for j in range(LEAF):
            dx, dy, dz = targets[0, j] - x, targets[1, j] - y, targets[2, j] - z
            least = min(least, dx * dx + dy * dy + dz * dz)
        nearest[i] = least
    worst = nearest[0]
    for i in range(1, LEAF):  # not in the loop above, which would no longer become vectors
        worst = max(worst, nearest[i])
    return worst


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
