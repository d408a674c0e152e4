"""Distances from the diagrams of a batch to targets, with gradients to both.

A matching is found without gradient; its cost is then a smooth function of the matched points, and
has the distance's gradient wherever the best matching is the only one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..distances.bottleneck import bottleneck_distance
from ..distances.wasserstein import diagram_distance
from ..layers.diagram_batch import DiagramBatch

Matching = NDArray[np.int64]


def wasserstein_loss(
    diagrams: DiagramBatch, degree: int, targets: Sequence[Tensor], order: float = 2.0
) -> Tensor:
    """Compute the cost of the best partial matching of each item's points with its target.

    Matched points pay their Euclidean distance to the power ``order``, all others their distance
    ``length / sqrt(2)`` to the diagonal to that power; no root is taken of the sum.  Order 2 is
    equation (1) and takes its fast matching, other orders solve the dense problem.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        targets: B tensors ``(m, 2)`` of points (low, high), on any device.
        order: at least 1.

    Returns:
        ``(B,)``.

    Raises:
        ValueError: for another number of targets or an order below 1.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> field = torch.tensor([[5.0, 0, 4, 2, 4]], requires_grad=True)
        >>> diagrams = LevelSetPersistence(1)(field)  # (0, 4) and (2, 4)
        >>> loss = wasserstein_loss(diagrams, 0, [torch.tensor([[0.0, 5.0]])])
        >>> loss.item()  # 1 for the longer one, 4 / 2 for the other
        3.0
    """
    if not order >= 1:
        raise ValueError(f"order must be at least 1, got {order}")

    def matching(points: NDArray[np.float64], target: NDArray[np.float64]) -> Matching:
        if order == 2:
            return diagram_distance(points, target, return_matching=True)[1]
        return _dense_matching(points, target, order)

    chosen, goal, pairs = _matched(diagrams, degree, targets, matching)
    total = chosen.points.new_zeros(len(diagrams))
    apart = (chosen.points[pairs[:, 0]] - goal.points[pairs[:, 1]]).square().sum(1)
    total = total.index_add(0, chosen.item[pairs[:, 0]], _powered(apart, order))
    for side, named in ((chosen, pairs[:, 0]), (goal, pairs[:, 1])):
        alone = torch.ones(len(side.points), dtype=torch.bool, device=named.device)
        alone[named] = False
        costs = _powered(side.lengths()[alone].square() / 2, order)
        total = total.index_add(0, side.item[alone], costs)
    return total


def bottleneck_loss(diagrams: DiagramBatch, degree: int, targets: Sequence[Tensor]) -> Tensor:
    """Compute the bottleneck distance of each item's points to its target, ``(B,)``.

    The largest coordinate of what a point must move, ``length / 2`` to the diagonal, under the
    matching for which this is least.  The gradient goes to the one pair that attains it:
    a step of descent moves one point.  Arguments and errors are those of `wasserstein_loss`.
    """
    chosen, goal, _ = _matched(diagrams, degree, targets, lambda p, q: np.empty((0, 2), np.int64))
    found = []
    for k in range(len(diagrams)):
        ours, theirs = chosen.points[chosen.item == k], goal.points[goal.item == k]
        costs = torch.cat(
            [
                (ours[:, None] - theirs).abs().amax(2).flatten(),
                (ours[:, 1] - ours[:, 0]) / 2,
                (theirs[:, 1] - theirs[:, 0]) / 2,
            ]
        )
        distance = bottleneck_distance(_numbers(ours), _numbers(theirs))
        if distance == 0:
            found.append(costs.sum() * 0)
        else:
            found.append(costs[(costs.detach() - distance).abs().argmin()])
    return torch.stack(found) if found else chosen.points.new_zeros(0)


def sliced_wasserstein_loss(
    diagrams: DiagramBatch, degree: int, targets: Sequence[Tensor], directions: int = 16
) -> Tensor:
    """Compute the mean over directions of the distances of projected diagrams, ``(B,)``.

    Both diagrams get the projections to the diagonal of the other's points; on a line the best
    matching pairs sorted points.  Nothing is matched in the plane: the cost grows as n log n.
    Source: Carrière, Cuturi and Oudot, Sliced Wasserstein kernel, ICML 2017.  Arguments and errors
    are those of `wasserstein_loss`.
    """
    chosen, goal, _ = _matched(diagrams, degree, targets, lambda p, q: np.empty((0, 2), np.int64))
    ours, theirs = _padded(chosen), _padded(goal)
    on_diagonal = [x.mean(2, keepdim=True).expand_as(x) for x in (ours, theirs)]
    angle = torch.arange(directions, device=ours.device, dtype=ours.dtype) * math.pi / directions
    slopes = torch.stack([angle.cos(), angle.sin()])
    lines = [
        (torch.cat(pair, dim=1) @ slopes).sort(dim=1).values
        for pair in ((ours, on_diagonal[1]), (theirs, on_diagonal[0]))
    ]
    return (lines[0] - lines[1]).abs().sum(1).mean(1)


def _matched(
    diagrams: DiagramBatch,
    degree: int,
    targets: Sequence[Tensor],
    matching: Callable[[NDArray[np.float64], NDArray[np.float64]], Matching],
) -> tuple[DiagramBatch, DiagramBatch, Tensor]:
    """Return points, targets as a batch too, and ``(k, 2)`` matched places in both."""
    if len(targets) != len(diagrams):
        raise ValueError(f"{len(diagrams)} diagrams need as many targets; got {len(targets)}")
    chosen = diagrams.of_degree(degree)
    points = chosen.points
    goals = [torch.as_tensor(t).to(points).reshape(-1, 2) for t in targets]
    sizes = torch.tensor([len(goal) for goal in goals], dtype=torch.int64, device=points.device)
    item = torch.repeat_interleave(torch.arange(len(goals), device=points.device), sizes)
    nothing = item.new_zeros(len(item), 2)
    goal = DiagramBatch(
        torch.cat([points[:0], *goals]), item, item * 0 + degree, nothing, len(goals), degree + 1
    )
    counts = torch.bincount(chosen.item, minlength=len(diagrams)).tolist()
    pairs, first, second = [np.empty((0, 2), np.int64)], 0, 0
    own, wanted = _numbers(points), _numbers(goal.points)
    for count, size in zip(counts, sizes.tolist(), strict=True):
        found = matching(own[first : first + count], wanted[second : second + size])
        pairs.append(found + (first, second))
        first, second = first + count, second + size
    return chosen, goal, torch.from_numpy(np.concatenate(pairs)).to(points.device)


def _dense_matching(p: NDArray[np.float64], q: NDArray[np.float64], order: float) -> Matching:
    """Solve the assignment problem in which every point has a place on the diagonal."""
    from scipy.optimize import linear_sum_assignment

    n, m = len(p), len(q)
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = np.linalg.norm(p[:, None] - q, axis=2) ** order
    costs[:n, m:] = ((p[:, 1] - p[:, 0]) / np.sqrt(2))[:, None] ** order
    costs[n:, :m] = ((q[:, 1] - q[:, 0]) / np.sqrt(2)) ** order
    rows, columns = linear_sum_assignment(costs)
    matched = (rows < n) & (columns < m)
    return np.stack([rows[matched], columns[matched]], axis=1).astype(np.int64)


def _powered(squares: Tensor, order: float) -> Tensor:
    """Return ``squares ** (order / 2)``, whose gradient at zero is zero."""
    if order == 2:
        return squares
    moved = squares > 0
    return torch.where(moved, squares.where(moved, 1.0) ** (order / 2), 0.0)


def _padded(diagrams: DiagramBatch) -> Tensor:
    """Return ``(B, most, 2)`` points; the same number of zeros in both diagrams changes nothing."""
    ranks = diagrams.ranks()
    most = int(ranks.max()) + 1 if len(ranks) else 0
    table = diagrams.points.new_zeros(len(diagrams), most, 2)
    return table.index_put((diagrams.item, ranks), diagrams.points)


def _numbers(points: Tensor) -> NDArray[np.float64]:
    """Return points without gradient in float64."""
    return points.detach().cpu().double().numpy()
