"""Figure 6: coefficients along a line, with three sawteeth or three boxcars."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from toposhape.base.outcome import Outcome
from toposhape.topology import LevelSetPersistence, diagram_energy

from .penalised import Penalty, as_tensor, errors_of

COUNTS = (45, 65)
COEFFICIENTS, NOISE = 100, 0.05
LAYER = LevelSetPersistence(1, threads=1)


def maxima(coefficients: Tensor, skip: int) -> Tensor:
    """Sum the finite bars of the superlevel sets but for so many of the longest."""
    return diagram_energy(LAYER(coefficients), 0, skip=skip)


PENALTIES: dict[str, Penalty] = {
    "TV": lambda b: b.diff(dim=1).abs().sum(1),
    "TV2": lambda b: b.diff(dim=1).norm(dim=1),
    "Top1": lambda b: maxima(b, 0),
    "Top2": lambda b: maxima(b, 2),
}
"""Top1 is E(1, 0, 2; PD0), one maximum; Top2 is E(1, 0, 4; PD0), three of them."""


def curves() -> dict[str, np.ndarray]:
    """Return the two lines of coefficients, ``(100,)``."""
    place = np.arange(COEFFICIENTS) % 33
    inside = np.arange(COEFFICIENTS) < 99
    return {
        "sawtooth": np.where(inside, 1 - np.abs(place - 16) / 16, 0.0).clip(0),
        "boxcar": np.where(inside & (place > 8) & (place < 25), 1.0, 0.0),
    }


def run(settings: Any, data: Any, seed: int) -> Outcome:
    """Fit both lines to 45 and 65 samples."""
    numbers, pictures = {}, {}
    for name, line in curves().items():
        pictures[name] = line.astype(np.float32)
        truth = as_tensor(np.tile(line, (settings.regression_trials, 1)))
        for count in COUNTS:
            steps = settings.regression_steps
            found = errors_of(truth, count, PENALTIES, NOISE, steps, 1000 * seed + count)
            for penalty, (oracle, honest) in found.items():
                numbers[f"{name}, n {count}, {penalty}"] = oracle
                numbers[f"{name}, n {count}, {penalty}, held out"] = honest
    return Outcome(numbers, pictures)
