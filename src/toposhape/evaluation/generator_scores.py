"""How near generated diagrams and synthetic shapes' diagrams are to given ones: figure 3."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators import DiagramGenerator, generated_diagrams
from toposhape.topology import StoredDiagram, diagram_distances, distribution_distance
from toposhape.topology.distances import HasPoints


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


def diagrams_of_codes(
    generator: DiagramGenerator, codes: NDArray[np.float32], min_persistence: float
) -> list[StoredDiagram]:
    """Generated diagrams of codes (n, d), wherever the generator is."""
    device = next(generator.parameters()).device
    on_device = torch.from_numpy(np.array(codes)).to(device)
    made = generated_diagrams(generator, on_device, min_persistence)
    return [StoredDiagram(points) for points in made]


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
