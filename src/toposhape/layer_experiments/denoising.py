"""Figure 3: a noisy digit is asked for one local maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam
from toposhape.topology import LevelSetPersistence, diagram_energy

from .digits import DigitSets

STEPS, RATE, NOISE = 300, 0.01, 0.25


def run(settings: Any, data: DigitSets, seed: int) -> Outcome:
    """Descend on the sum of all finite bars of degree 0 of the superlevel sets."""
    rng = np.random.default_rng([seed, 3])
    clean = data.test.images[(data.test.labels == 2).argmax()]  # the first 2, if there is one
    noisy = np.clip(clean + rng.normal(0, NOISE, clean.shape), 0, 1).astype(np.float32)
    layer = LevelSetPersistence(2, degrees=(0,))
    image = torch.from_numpy(noisy).clone()[None].requires_grad_()
    before = layer(image)
    optimiser = Adam([image], RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        diagram_energy(layer(image), 0).sum().backward()
        optimiser.step()
    after, found = layer(image), image.detach()[0].numpy()
    return Outcome(
        {
            "energy before": diagram_energy(before, 0).item(),
            "energy after": diagram_energy(after, 0).item(),
            "maxima before": float(1 + (before.lengths() > 0.05).sum()),
            "maxima after": float(1 + (after.lengths() > 0.05).sum()),
            "error before": float(np.square(noisy - clean).mean()),
            "error after": float(np.square(found - clean).mean()),
        },
        {"clean": clean, "noisy": noisy, "one maximum": found},
    )
