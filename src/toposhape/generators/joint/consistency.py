"""Consistency of shapes with generated diagrams, equation (8), and the same of a warped field.

Equation (1) squares lifetimes, so a torn leg costs next to nothing: its gap is thin. Warped, values
near the surface count as before and all others hardly differ any more. Superlevel diagrams commute
with increasing maps, so this is the paper's own term for the field phi(f): its points are phi of
the points of f, at the same critical vertices.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.topology import diagram_distance, matched_diagram_cost

from ..diagrams.store import Diagrams
from .places import numbers, ordered
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
        if (radius := self.settings.terms.place_radius) is not None:
            return step.placed_consistency(radius)
        return consistency_loss(step.points, step.targets)


class WarpedConsistency(Term[ShapeStep]):
    """Equation (8) for the field s tanh(f / s)."""

    name = "warped_consistency"
    rough = True

    @property
    def weight(self) -> float:
        """Beside that of the plain term, or in its place."""
        return self.settings.terms.warped_consistency_weight

    def value(self, step: ShapeStep) -> Tensor:
        """Matching, diagonal and cost are those of the warped values."""
        scale, radius = self.settings.terms.warp, self.settings.terms.place_radius
        if radius is not None:
            return step.placed_consistency(radius, partial(warped, scale=scale))
        found = [tuple(warped(points, scale) for points in shape) for shape in step.points]
        targets = [
            [warped(torch.as_tensor(points), scale).numpy() for points in shape]
            for shape in step.targets
        ]
        return consistency_loss(found, targets)


def warped(values: Tensor, scale: float) -> Tensor:
    """The increasing map s tanh(v / s): the identity near 0, never larger than the scale s."""
    return scale * (values / scale).tanh()


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
    """The optimal matching."""
    return diagram_distance(numbers(points), ordered(goal), return_matching=True)[1]
