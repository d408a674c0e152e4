"""Classifiers of digits: of pixels, and of diagrams in eight directions."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from toposhape.learning.optimisers import Adam
from toposhape.topology import LevelSetPersistence, polynomial_features

from .digits import SIDE, Digits

BATCH = 100
POWERS = (0, 1, 2, 3, 4)
DIRECTIONS = 8


class DirectionalFeatures(nn.Module):
    """The paper's 400 features: E(p, q) of both degrees of the image times a ramp, in 8 directions.

    Args:
        essential: as in `LevelSetPersistence`.
    """

    ramps: Tensor

    def __init__(self, essential: Literal["drop", "range"] = "drop") -> None:
        super().__init__()
        self.layer = LevelSetPersistence(2, essential=essential)
        angle = torch.arange(DIRECTIONS) * math.pi / 4
        place = torch.linspace(-1, 1, SIDE)
        ramps = angle.cos()[:, None, None] * place + angle.sin()[:, None, None] * place[:, None]
        low, high = (f(ramps, dim=(1, 2), keepdim=True) for f in (torch.amin, torch.amax))
        self.register_buffer("ramps", (ramps - low) / (high - low))

    def forward(self, images: Tensor) -> Tensor:
        """Return ``(B, 400)`` features of images ``(B, 28, 28)``."""
        fields = (images[:, None] * self.ramps).flatten(0, 1)
        diagrams = self.layer(fields)
        both = [polynomial_features(diagrams, degree, POWERS) for degree in (0, 1)]
        return torch.cat(both, dim=1).reshape(len(images), -1)


class Standardised(nn.Module):
    """Logarithms of features, shifted and scaled to what training images have."""

    def __init__(self, features: nn.Module, images: Tensor) -> None:
        super().__init__()
        self.features = features
        with torch.no_grad():
            logarithms = features(images).log1p()
        self.register_buffer("mean", logarithms.mean(0))
        self.register_buffer("deviation", logarithms.std(0) + 1e-3)

    def forward(self, images: Tensor) -> Tensor:
        """Return features of mean 0 and deviation 1."""
        standardised: Tensor = (self.features(images).log1p() - self.mean) / self.deviation
        return standardised


def trained_classifier(digits: Digits, seed: int, kind: str = "CNN", epochs: int = 4) -> nn.Module:
    """Train a classifier ``(B, 28, 28) -> (B, 10)``: ``"MLP"``, ``"CNN"`` or ``"topological"``."""
    torch.manual_seed(seed)
    images, labels = torch.from_numpy(digits.images), torch.from_numpy(digits.labels)
    before: nn.Module = nn.Identity()
    if kind == "MLP":
        head = nn.Sequential(nn.Flatten(), nn.Linear(SIDE**2, 256), nn.ReLU(), nn.Linear(256, 10))
    elif kind == "CNN":
        head = nn.Sequential(
            nn.Unflatten(1, (1, SIDE)), nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 10),
        )  # fmt: skip
    else:
        before = Standardised(DirectionalFeatures(), images)
        head = nn.Sequential(nn.Linear(400, 128), nn.ReLU(), nn.Linear(128, 10))
        epochs *= 5
    with torch.no_grad():
        given = before(images)
    optimiser = Adam(head.parameters(), 1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(given)).split(BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(head(given[batch]), labels[batch]).backward()
            optimiser.step()
    return nn.Sequential(before, head).requires_grad_(False).eval()


@torch.no_grad()
def accuracy(classifier: nn.Module, digits: Digits) -> float:
    """Return the share of images with the right label."""
    answers = classifier(torch.from_numpy(digits.images)).argmax(1).numpy()
    return float((answers == digits.labels).mean())
