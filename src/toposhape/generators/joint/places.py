"""Equation (8) with places: a point of f's diagram answers for one of PD(z) nearby (ours).

A diagram does not say where a handle is, so f makes those of PD(z) where they are cheapest. Near
the code of a training shape it is known where: at the critical vertices of that shape's own field.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from torch import Tensor

from toposhape.topology import diagram_distance, matched_diagram_cost

Places = Sequence[NDArray[np.floating]]
"""For each degree (n_k, 2, 3): where points die and are born, in the shape frame."""


class PlacedDiagram(NamedTuple):
    """A diagram whose points are somewhere.

    Attributes:
        points: for each degree (n_k, 2), (death, birth).
        places: of the same points.
    """

    points: Sequence[NDArray[np.floating]]
    places: Places


def placed_target(generated: Sequence[NDArray[np.floating]], truth: PlacedDiagram) -> PlacedDiagram:
    """Give the points of PD(z) the places of the true points that they stand for.

    Args:
        generated: PD(z), z near the code of a training shape.
        truth: the diagram of that shape.

    Returns:
        The generated points that equation (1) pairs with true ones; others are nowhere.
    """
    points, places = [], []
    for made, true, where in zip(generated, *truth, strict=True):
        made = ordered(made)
        pairs = diagram_distance(made, ordered(true), return_matching=True)[1]
        points.append(made[pairs[:, 0]])
        places.append(where[pairs[:, 1]])
    return PlacedDiagram(points, places)


def placed_consistency(
    found: Sequence[tuple[Tensor, ...]],
    places: Sequence[Places],
    targets: Sequence[PlacedDiagram],
    asked: Sequence[tuple[Tensor, ...]],
    radius: float,
    change: Callable[[Tensor], Tensor] = lambda values: values,
) -> Tensor:
    """Equation (1) between diagrams, points paired by `nearby_pairs`; what is missing is asked for.

    A target that no point answers for costs (g(x) - death)^2 + (g(y) - birth)^2, g the filtered
    function and x, y the target's places: it pulls g there, where else it would pull nothing.

    Args:
        found: for each of B shapes the (n_k, 2) points of every degree, with gradient.
        places: of these.
        targets: for each shape.
        asked: g at the targets' places, (m_k, 2) of every degree, with gradient.
        radius: r.
        change: an increasing function of all values, see `consistency.warped`.

    Returns:
        Sum over degrees, mean over shapes.
    """
    total = found[0][0].new_zeros(())
    for shape, where, target, values in zip(found, places, targets, asked, strict=True):
        for points, at, goal, goal_at, g in zip(shape, where, *target, values, strict=True):
            points = change(points)
            goals = change(torch.as_tensor(goal, dtype=points.dtype, device=points.device))
            pairs = nearby_pairs(numbers(points), at, numbers(goals), goal_at, radius)
            missing = np.setdiff1d(np.arange(len(goals)), pairs[:, 1])
            total = total + matched_diagram_cost(points, goals, pairs)
            total = total + (change(g[missing]) - goals[missing]).square().sum()
    return total / len(found)


def nearby_pairs(
    points: NDArray[np.float64],
    at: NDArray[np.floating],
    goals: NDArray[np.float64],
    goal_at: NDArray[np.floating],
    radius: float,
) -> NDArray[np.int64]:
    """The cheapest matching of equation (1) in which distance costs, (k, 2) indices.

    A pair (p, q) with middles (places of death) at distance s costs
    |p - q|^2 + (s / r)^2 (d(p) + d(q)), d the cost of a point that stays alone: at distance r two
    equal points cost as much together as apart.
    """
    alone = [(each[:, 1] - each[:, 0]) ** 2 / 2 for each in (points, goals)]
    apart = cdist(at[:, 0], goal_at[:, 0], "sqeuclidean") / radius**2
    together = cdist(points, goals, "sqeuclidean") + apart * np.add.outer(*alone)
    rows, columns = linear_sum_assignment(np.minimum(together - np.add.outer(*alone), 0))
    gain = together[rows, columns] < np.add.outer(*alone)[rows, columns]
    return np.stack([rows[gain], columns[gain]], axis=1)


def ordered(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points (n, 2) of which rounding has put none below the diagonal."""
    return np.maximum.accumulate(np.asarray(points, np.float64), axis=1)


def numbers(points: Tensor) -> NDArray[np.float64]:
    """The values of points (n, 2), `ordered`, wherever they are."""
    return ordered(points.detach().cpu().numpy())
