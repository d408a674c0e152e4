"""The diagram generator as a critic: how far shapes are from the topology of their codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from toposhape.generators.diagrams.network import DiagramGenerator, generated_diagrams
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.settings.topology import Topology
from toposhape.topology import diagram_distance

from .wanted import Best, Made

WEIGHTS = "diagrams.safetensors"
"""Beside the shape generator that it was trained with."""


@dataclass(frozen=True)
class Critic:
    """PD of a training.

    Attributes:
        diagrams: PD.
        min_persistence: its points that persist less do not count [normalised units].
    """

    diagrams: DiagramGenerator
    min_persistence: float

    @classmethod
    def beside(cls, weights: Path, topology: Topology | None = None) -> Critic:
        """That of a shape generator's weights.

        Raises:
            FileNotFoundError: if no diagram generator lies beside them.
        """
        path = weights.with_name(WEIGHTS)
        if not path.is_file():
            raise FileNotFoundError(
                f"{path}: of several shapes the one nearest to its generated diagrams cannot be "
                "taken, because there is no diagram generator: draw with --best-of 1"
            )
        return cls(load_diagram_generator(path).diagrams, (topology or Topology()).min_persistence)

    @torch.no_grad()
    def cost(self, shape: Made) -> float:
        """Equation (1) between a shape's diagrams and those of its code, summed over degrees."""
        code = torch.from_numpy(np.ascontiguousarray(shape.code))[None]
        (generated,) = generated_diagrams(self.diagrams, code, self.min_persistence)
        degrees = zip(shape.topology.diagram.points, generated, strict=True)
        return sum(diagram_distance(made, asked) for made, asked in degrees)


def best_by_diagrams(number: int, weights: Path, topology: Topology | None = None) -> Best | None:
    """How one of so many shapes of a generator is taken; None if the first is.

    Raises:
        FileNotFoundError: as `Critic.beside`.
    """
    return Best(number, Critic.beside(weights, topology).cost) if number > 1 else None
