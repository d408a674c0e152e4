"""Figures 17 and 18: convolutions in front of the layer learn what to take the diagram of."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam
from toposhape.topology import LevelSetPersistence, longest

from .digits import Digits, DigitSets

HOLES = (1, 0, 0, 0, 0, 0, 1, 0, 2, 1)
"""The paper's number of holes of each digit; our drawn 4 has one, as some of MNIST's."""

BATCH, EPOCHS, RATE = 100, 8, 3e-3
TOPS = 8
"""Longest points of either degree that the network on top is given."""


class DiagramNetwork(nn.Module):
    """Images ``(B, 28, 28)`` to ``(B, 3)``: a mapping, the layer, two linear layers."""

    def __init__(self, mapped: bool) -> None:
        super().__init__()
        self.mapping: nn.Module = nn.Identity()
        if mapped:
            self.mapping = nn.Sequential(
                nn.Unflatten(1, (1, 28)), nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(),
                nn.Conv2d(8, 1, 5, padding=2), nn.Sigmoid(), nn.Flatten(1, 2),
            )  # fmt: skip
        self.layer = LevelSetPersistence(2, threads=1)
        self.head = nn.Sequential(nn.Linear(2 * TOPS, 64), nn.ReLU(), nn.Linear(64, 3))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits of 0, 1 and 2 holes."""
        diagrams = self.layer(self.mapping(images))
        scores: Tensor = self.head(
            torch.cat([longest(diagrams, degree, TOPS) for degree in (0, 1)], dim=1)
        )
        return scores


def run(settings: Any, data: DigitSets, seed: int) -> Outcome:
    """Learn the number of holes from diagrams, with and without a mapping."""
    numbers: dict[str, float] = {}
    pictures = {"images": data.test.images[:10]}
    for name, mapped in (("features", False), ("mapping", True)):
        network = _trained(data.train, seed, mapped)
        with torch.no_grad():
            images = torch.from_numpy(data.test.images)
            right = network(images).argmax(1) == _holes(data.test)
            numbers[f"{name}, accuracy"] = float(right.float().mean())
            if mapped:
                pictures["mapped"] = network.mapping(images[:10]).numpy()
    return Outcome(numbers, pictures)


def _holes(digits: Digits) -> Tensor:
    """Return what is to be learned."""
    return torch.tensor(HOLES)[torch.from_numpy(digits.labels)]


def _trained(digits: Digits, seed: int, mapped: bool) -> DiagramNetwork:
    """Train with Adam on cross entropy."""
    torch.manual_seed(seed)
    network = DiagramNetwork(mapped)
    images, holes = torch.from_numpy(digits.images), _holes(digits)
    optimiser = Adam(network.parameters(), RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), holes[batch]).backward()
            optimiser.step()
    return network
