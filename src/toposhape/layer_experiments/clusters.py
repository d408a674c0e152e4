"""Figure 5: coefficients that take three values, in any order."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from toposhape.base.outcome import Outcome

from .penalised import Penalty, as_tensor, errors_of

VALUES = {"-1 0 1": (-1, 0, 1), "1 2 3": (1, 2, 3)}
COUNTS = (65, 85, 105)
COEFFICIENTS, NOISE = 100, 0.05


def gaps(coefficients: Tensor) -> Tensor:
    """Return the finite bars of the weak alpha filtration of numbers: the gaps between them."""
    return coefficients.sort(dim=1).values.diff(dim=1)


PENALTIES: dict[str, Penalty] = {
    "L1": lambda b: b.abs().sum(1),
    "L2": lambda b: b.norm(dim=1),
    "Top1": lambda b: gaps(b).sum(1),
    "Top2": lambda b: gaps(b).sum(1) - gaps(b).topk(2, dim=1).values.sum(1),
}
"""Top1 is E(1, 0, 2; PD0), which the range of the values is; Top2 is E(1, 0, 4; PD0)."""


def run(settings: Any, data: Any, seed: int) -> Outcome:
    """Fit both kinds of coefficients to 65, 85 and 105 samples."""
    rng = np.random.default_rng([seed, 5])
    numbers = {}
    for name, values in VALUES.items():
        truth = as_tensor(rng.choice(values, (settings.regression_trials, COEFFICIENTS)))
        for count in COUNTS:
            steps = settings.regression_steps
            found = errors_of(truth, count, PENALTIES, NOISE, steps, 1000 * seed + count)
            for penalty, (oracle, honest) in found.items():
                numbers[f"{name}, n {count}, {penalty}"] = oracle
                numbers[f"{name}, n {count}, {penalty}, held out"] = honest
    return Outcome(numbers, {})
