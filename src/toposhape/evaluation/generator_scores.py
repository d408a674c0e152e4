"""How near generated diagrams and synthetic shapes' diagrams are to given ones: figure 3."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.topology import diagram_distances, distribution_distance
from toposhape.topology.distances.wasserstein import HasPoints

from .scores import pd_lap


class TrainingComparison(NamedTuple):
    """Figure 3: distances of n training shapes to what two generators make of the same codes.

    Attributes:
        shapes: (n, n) diagram distances, training shapes against synthetic shapes.
        diagrams: (n, n), training shapes against the diagram generator.
    """

    shapes: NDArray[np.float64]
    diagrams: NDArray[np.float64]

    def values(self) -> tuple[float, float]:
        """Equation (2) of both."""
        return distribution_distance(self.shapes), distribution_distance(self.diagrams)


def compare_with_training(
    training: Sequence[HasPoints],
    synthetic: Sequence[HasPoints],
    generated: Sequence[HasPoints],
) -> TrainingComparison:
    """Compare the first n of each, where n is the smallest of their numbers."""
    n = min(len(training), len(synthetic), len(generated))
    return TrainingComparison(
        diagram_distances(training[:n], synthetic[:n]),
        diagram_distances(training[:n], generated[:n]),
    )


def score_generated(
    generated: Sequence[Sequence[HasPoints]],
    synthetic: Sequence[Sequence[HasPoints]],
    test: Sequence[HasPoints],
    training: Sequence[HasPoints],
) -> dict[str, float]:
    """What a diagram generator makes of the codes of synthetic shapes.

    Args:
        generated: its diagrams, a set for each draw.
        synthetic: those of the shapes of the same codes.
        test: of the test shapes; a draw meets the first of them.
        training: of the training shapes.

    Returns:
        `generator_pd_lap`, its mean over the draws, and figure 3's two values,
        `pd_lap_training` and `generator_pd_lap_training`.
    """
    against_test = [pd_lap(each, test[: len(each)])["pd_lap"] for each in generated]
    shapes, diagrams = compare_with_training(
        training, *([d for each in sets for d in each] for sets in (synthetic, generated))
    ).values()
    return {
        "generator_pd_lap": float(np.mean(against_test)),
        "pd_lap_training": shapes,
        "generator_pd_lap_training": diagrams,
    }
