"""Figure 7: coefficients that are an image with one maximum and one hole."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam
from toposhape.topology import LevelSetPersistence, diagram_energy

SIDE, SAMPLES = 50, 1250
NOISE, WEIGHT, RATE = 0.05, 0.1, 0.01


def ring() -> np.ndarray:
    """Return an image ``(50, 50)`` from 0 to 1: a ring, brighter on one side."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    radius = np.hypot(x, y)
    ring: np.ndarray = np.exp(-(((radius - 0.55) / 0.18) ** 2)) * (
        0.85 + 0.15 * x / np.maximum(radius, 0.1)
    )
    return ring


def run(settings: Any, data: Any, seed: int) -> Outcome:
    """Fit 2,500 coefficients to 1,250 samples; the penalty asks for one piece with one hole."""
    generator = torch.Generator().manual_seed(seed)
    truth = torch.from_numpy(ring()).float()
    x = torch.randn(SAMPLES, truth.numel(), generator=generator)
    y = x @ truth.flatten() + NOISE * torch.randn(SAMPLES, generator=generator)
    start = x.T @ torch.linalg.solve((x @ x.T).double(), y.double()).float()
    image = start.reshape(1, SIDE, SIDE).clone().requires_grad_()
    layer, optimiser = LevelSetPersistence(2, threads=1), Adam([image], RATE)
    before = layer(image)
    for _ in range(settings.image_steps):
        optimiser.zero_grad()
        diagrams = layer(image)
        penalty = diagram_energy(diagrams, 0) + diagram_energy(diagrams, 1, skip=1)
        cost = (x @ image.flatten() - y).square().mean() + WEIGHT * penalty.sum()
        cost.backward()
        optimiser.step()
    found, after = image.detach()[0], layer(image)
    return Outcome(
        {
            "error, least squares": _error(start.reshape(SIDE, SIDE), truth),
            "error, with penalty": _error(found, truth),
            "bars, least squares": float(len(before.points)),
            "bars, with penalty": float(len(after.points)),
        },
        {
            "truth": truth.numpy(),
            "least squares": start.reshape(SIDE, SIDE).numpy(),
            "with penalty": found.numpy(),
        },
    )


def _error(found: torch.Tensor, truth: torch.Tensor) -> float:
    """Return the share of the truth's square that is missed."""
    return float((found - truth).square().sum() / truth.square().sum())
