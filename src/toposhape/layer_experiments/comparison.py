"""Figures 15 and 19: a digit in two filtrations, and the weights of a model as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam
from toposhape.topology import LevelSetPersistence, RipsPersistence, longest

from .clusters import gaps
from .digits import DigitSets

BRIGHT = 0.5
"""Pixels above are the points of the Rips filtration, in units of a pixel."""
STEPS, RATE, L1 = 200, 0.02, 1e-3
SMALL = 1e-3
"""Weights and bars below are taken to be zero."""


def run(settings: Any, data: DigitSets, seed: int) -> Outcome:
    """Take the diagrams of the first 9, and of the weights of two logistic regressions."""
    nines = data.test.images[data.test.labels == 9]
    if not len(nines):
        raise ValueError("no test image is a 9: ask for more by layer_experiments.test_images")
    nine = torch.from_numpy(nines[0])
    rings = LevelSetPersistence(2, threads=1)(nine).of_degree(1)
    by_distance = RipsPersistence(2, threads=1)((nine > BRIGHT).nonzero().float()).of_degree(1)
    numbers: dict[str, float] = {}
    for name, diagrams in (("superlevel", rings), ("Rips", by_distance)):
        first, second = longest(diagrams, 1, 2)[0].tolist()
        numbers |= {f"{name}, longest ring": first, f"{name}, second ring": second}
    pictures = {"image": nine.numpy(), "superlevel, PD1": rings.points.numpy()}
    pictures["Rips, PD1"] = by_distance.points.numpy()
    for name, weight in (("plain", 0.0), ("L1", L1)):
        weights, accuracy = _regression(data, seed, weight)
        bars = gaps(weights.reshape(1, -1))[0]
        numbers |= {
            f"{name}, accuracy": accuracy,
            f"{name}, zero weights": float((weights.abs() < SMALL).float().mean()),
            f"{name}, bars": float((bars > SMALL).sum()),
        }
        pictures[f"PD0 of weights, {name}"] = bars.sort(descending=True).values[:200].numpy()
    return Outcome(numbers, {k: np.asarray(v, np.float32) for k, v in pictures.items()})


def _regression(data: DigitSets, seed: int, weight: float) -> tuple[Tensor, float]:
    """Return the weights of a logistic regression of pixels, and its accuracy on test images."""
    torch.manual_seed(seed)
    model = nn.Linear(data.train.images[0].size, 10)
    images, labels = (
        torch.from_numpy(data.train.images).flatten(1),
        torch.from_numpy(data.train.labels),
    )
    optimiser = Adam(model.parameters(), RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        cost = nn.functional.cross_entropy(model(images), labels)
        (cost + weight * model.weight.abs().sum()).backward()
        optimiser.step()
    with torch.no_grad():
        found = model(torch.from_numpy(data.test.images).flatten(1)).argmax(1).numpy()
    return model.weight.detach(), float((found == data.test.labels).mean())
