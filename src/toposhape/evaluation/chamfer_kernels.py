# ruff: noqa: ANN001, ANN201, ANN202, D417 -- numba infers the types of kernels
"""The search for nearest points of `chamfer`, compiled."""

from __future__ import annotations

import numba
import numpy as np

from toposhape.base.kernels.marks import OPTIONS, inlined, kernel

from .chamfer import FAR, LEAF

vectorised = numba.njit(fastmath={"nnan", "ninf", "nsz", "contract"}, **OPTIONS)
"""Mark a function whose minima become plain vector instructions: it sees no NaN, no infinity."""


@kernel
def fill_row(clouds, targets, row, scratch, distances):
    """Fill in the mean squared distances from one cloud's points to their nearest in each target.

    Args:
        clouds, targets: as in `chamfer.Clouds`.
        row: the cloud.
        scratch: float32, `LEAF` numbers and one for each leaf of the largest target.
        distances: ``(n, m)`` float64, receives row ``row``.

    Returns:
        m.
    """
    first, last = clouds.start[row], clouds.start[row + 1]
    for j in range(distances.shape[1]):
        other, end = targets.start[j], targets.start[j + 1]
        distances[row, j] = _mean_squared_distance(
            clouds.points[first:last],
            clouds.boxes[6 * first : 6 * last],
            clouds.weights[first:last],
            targets.points[other:end],
            targets.boxes[6 * other : 6 * end],
            scratch[LEAF : LEAF + end - other],
            scratch[:LEAF],
        )
    return distances.shape[1]


@inlined
def _mean_squared_distance(
    points, boxes, weights, target_points, target_boxes, box_distances, nearest
):
    """Return the mean squared distance of a cloud's points to their nearest ones in another."""
    total, count = 0.0, 0.0
    for leaf in range(points.shape[0]):
        closest = _measure_boxes(boxes, leaf, points.shape[0], target_boxes, box_distances)
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


@vectorised
def _measure_boxes(boxes, leaf, leaves, target_boxes, distances):
    """Fill in the squared distances of a leaf's box to all target boxes; return the closest."""
    zero, n = np.float32(0), distances.size
    x0, y0, z0 = boxes[leaf], boxes[leaves + leaf], boxes[2 * leaves + leaf]
    x1, y1, z1 = boxes[3 * leaves + leaf], boxes[4 * leaves + leaf], boxes[5 * leaves + leaf]
    for k in range(n):
        dx = max(max(target_boxes[k] - x1, x0 - target_boxes[3 * n + k]), zero)
        dy = max(max(target_boxes[n + k] - y1, y0 - target_boxes[4 * n + k]), zero)
        dz = max(max(target_boxes[2 * n + k] - z1, z0 - target_boxes[5 * n + k]), zero)
        distances[k] = dx * dx + dy * dy + dz * dz
    return _closest(distances)


@vectorised
def _closest(distances):
    """Return where the least distance stands first."""
    least = FAR
    for k in range(distances.size):
        least = min(least, distances[k])
    for k in range(distances.size):
        if distances[k] == least:
            return k
    return 0


@vectorised
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
