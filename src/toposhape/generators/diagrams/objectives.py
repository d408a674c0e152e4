"""The terms of the diagram generator's objectives, by the paper's equation numbers."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from toposhape.topology import diagram_distance

from .network import DiagramGenerator

Points = NDArray[np.floating]
Matching = Literal["forced", "optimal"]


def forced_matching(points: Points, targets: Points) -> NDArray[np.int64]:
    """Match as many points as possible, at the least cost of equation (1) under that condition.

    Equation (1) alone never matches a point on the diagonal: a target costs less by itself than
    together with it. A generator's point that has once fallen there would get no gradient ever
    again. Here a target takes a point wherever it lies.

    Args:
        points: (n, 2) of (death, birth).
        targets: (m, 2).

    Returns:
        (min(n, m), 2) int64 indices into points and targets, sorted by the first.
    """
    if len(points) == 0 or len(targets) == 0:
        return np.empty((0, 2), np.int64)
    costs = np.square(points[:, None] - targets[None]).sum(axis=2)
    costs -= np.square(points[:, 1] - points[:, 0])[:, None] / 2
    costs -= np.square(targets[:, 1] - targets[:, 0]) / 2
    return np.stack(linear_sum_assignment(costs), axis=1)


def fit_loss(
    predicted: Sequence[Tensor],
    targets: Sequence[Sequence[Points]],
    matching: Matching = "forced",
) -> Tensor:
    """Equation (1) between generated and given diagrams: sum over degrees, mean over shapes.

    Args:
        predicted: for each degree (B, n_k, 2) points with gradient.
        targets: for each of B shapes the (m_k, 2) points of every degree.
        matching: "optimal" is equation (1); "forced" matches every target (`forced_matching`).
    """
    return torch.stack(
        [
            _degree_loss(points, [shape[degree] for shape in targets], matching)
            for degree, points in enumerate(predicted)
        ]
    ).sum()


def smoothness_loss(
    generator: DiagramGenerator,
    codes: Tensor,
    directions: Tensor,
    step: float,
    matching: Literal["index", "optimal"] = "index",
) -> Tensor:
    """Equation (10): mean of d(PD(z), PD(z + step v)) / step^2, summed over degrees.

    Args:
        generator: PD.
        codes: z, (B, d).
        directions: v in the unit ball, (B, d).
        step: epsilon.
        matching: "index" compares points of the same index, which the optimal matching becomes as
            the step goes to 0 (reading 8); "optimal" is the distance of equation (1).
    """
    here, there = generator(codes), generator(codes + step * directions)
    if matching == "index":
        moved = [(a - b).square().sum() for a, b in zip(here, there, strict=True)]
        return torch.stack(moved).sum() / (len(codes) * step**2)
    total = codes.new_zeros(())
    for ours, others in zip(here, there, strict=True):
        for a, b in zip(ours, others, strict=True):
            _, pairs = diagram_distance(_array(a), _array(b), return_matching=True)
            total = total + _pair_cost(a, b, torch.from_numpy(pairs))
    return total / (len(codes) * step**2)


def smoothness_draw(like: Tensor, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw so many z ~ N(0, I) and v uniform in the unit ball of equation (10), like codes."""
    codes = torch.randn(count, like.shape[1], generator=generator).to(like.device)
    return codes, ball_directions(codes, generator)


def ball_directions(codes: Tensor, generator: torch.Generator) -> Tensor:
    """Draw v uniformly in the unit ball, one for each code (B, d)."""
    count, size = codes.shape
    normal = torch.randn(count, size, generator=generator)
    radius = torch.rand(count, 1, generator=generator).pow(1 / size)
    displaced: Tensor = (radius * normal / normal.norm(dim=1, keepdim=True)).to(codes.device)
    return displaced


def _degree_loss(points: Tensor, targets: Sequence[Points], matching: Matching) -> Tensor:
    """One degree for all shapes at once: the matching in numpy, the costs in one tensor."""
    given = _array(points)
    goals, matched = np.zeros_like(given), np.zeros(given.shape[:2], bool)
    unmatched_targets = 0.0
    for i, target in enumerate(targets):
        target = np.asarray(target, np.float64).reshape(-1, 2)
        pairs = (
            forced_matching(given[i], target)
            if matching == "forced"
            else diagram_distance(given[i], target, return_matching=True)[1]
        )
        goals[i, pairs[:, 0]], matched[i, pairs[:, 0]] = target[pairs[:, 1]], True
        alone = np.delete(target, pairs[:, 1], axis=0)
        unmatched_targets += float(np.square(alone[:, 1] - alone[:, 0]).sum() / 2)
    to_device = partial(torch.Tensor.to, device=points.device, non_blocking=True)
    to_goal = (points - to_device(torch.from_numpy(goals), dtype=points.dtype)).square().sum(dim=2)
    to_diagonal = (points[..., 1] - points[..., 0]).square() / 2
    costs = torch.where(to_device(torch.from_numpy(matched)), to_goal, to_diagonal)
    return (costs.sum() + unmatched_targets) / len(targets)


def _pair_cost(a: Tensor, b: Tensor, pairs: Tensor) -> Tensor:
    """The cost of a matching of two generated diagrams, with gradients on both sides."""
    first, second = pairs.unbind(dim=1)
    alone_a, alone_b = torch.ones(len(a), dtype=torch.bool), torch.ones(len(b), dtype=torch.bool)
    alone_a[first], alone_b[second] = False, False
    heights = torch.cat([a[alone_a], b[alone_b]]).diff(dim=1)
    return (a[first] - b[second]).square().sum() + heights.square().sum() / 2


def _array(points: Tensor) -> NDArray[np.float64]:
    return points.detach().cpu().numpy().astype(np.float64)
