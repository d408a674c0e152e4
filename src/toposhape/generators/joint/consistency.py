"""Consistency of shapes with generated diagrams, equation (8)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.topology import diagram_distance, matched_diagram_cost

from ..diagrams.store import Diagrams
from .shape_terms import ShapeStep
from .terms import Term


class Consistency(Term[ShapeStep]):
    """Equation (8) on fresh codes z ~ N(0, I)."""

    name = "consistency"
    rough = True

    @property
    def weight(self) -> float:
        """lambda_con."""
        return self.settings.terms.consistency_weight

    def value(self, step: ShapeStep) -> Tensor:
        """Equation (1) between f's diagrams and PD's."""
        return consistency_loss(step.points, step.targets)


def consistency_loss(found: Sequence[tuple[Tensor, ...]], targets: Diagrams) -> Tensor:
    """Equation (1) between diagrams with gradient and their targets.

    Args:
        found: for each of B shapes the (n_k, 2) points of every degree, from `critical_points`.
        targets: for each the (m_k, 2) points of every degree.

    Returns:
        Sum over degrees, mean over shapes.
    """
    total = found[0][0].new_zeros(())
    for shape, target in zip(found, targets, strict=True):
        for points, goal in zip(shape, target, strict=True):
            goals = torch.as_tensor(np.asarray(goal), dtype=points.dtype, device=points.device)
            matching = _matching(points, np.asarray(goal))
            total = total + matched_diagram_cost(points, goals, matching)
    return total / len(found)


def _matching(points: Tensor, goal: NDArray[np.floating]) -> NDArray[np.int64]:
    """The optimal matching; a point that exact values put below the diagonal is put on it."""
    values = points.detach().cpu().numpy()
    values = np.stack([values[:, 0], values.max(axis=1)], axis=1)
    return diagram_distance(values, goal, return_matching=True)[1]
