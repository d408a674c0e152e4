"""Codes of shapes by a trained encoder: what priors are learned from."""

from typing import NamedTuple, Self

import torch
from torch import Tensor

from .data import CloudSource
from .network import GradientField

ENCODED_SHAPES = 16  # at a time


class EncodedShapes(NamedTuple):
    """Codes of shapes, each encoded several times from other points.

    Attributes:
        codes: (views, n, d).
    """

    codes: Tensor

    @classmethod
    @torch.no_grad()
    def encode(
        cls,
        network: GradientField,
        shapes: CloudSource,
        views: int,
        points: int,
        generator: torch.Generator,
    ) -> Self:
        """Encode every shape `views` times, from so many points each."""
        device = next(network.parameters()).device
        found = []
        for _ in range(views):
            parts = [
                network.encoder(shapes.windows(places.tolist(), points, generator).to(device))
                for places in torch.arange(len(shapes)).split(ENCODED_SHAPES)
            ]
            found.append(torch.cat(parts))
        return cls(torch.stack(found))

    @property
    def shapes(self) -> int:
        """Number of shapes."""
        return self.codes.shape[1]

    def draw(self, places: Tensor, generator: torch.Generator) -> Tensor:
        """Codes (B, d) of the shapes at these places, each by a random view."""
        views = torch.randint(len(self.codes), (len(places),), generator=generator)
        return self.codes[views, places]

    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation of each number, (1, d); a number that never varies has deviation 1."""
        flat = self.codes.flatten(0, 1)
        deviations = flat.std(dim=0, correction=0, keepdim=True)
        return flat.mean(dim=0, keepdim=True), torch.where(deviations > 0, deviations, 1.0)
