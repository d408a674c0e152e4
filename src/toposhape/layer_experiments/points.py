"""Figures 1 and 2: points of the plane and of a chair, moved by functions of their diagrams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam
from toposhape.topology import AlphaPersistence, RipsPersistence, diagram_energy, longest

Objective = Callable[[Any], Tensor]

PLANE: dict[str, Objective] = {
    "H0 up": lambda d: -diagram_energy(d, 0, p=2),
    "H0 down": lambda d: diagram_energy(d, 0, p=2),
    "H1 up": lambda d: -diagram_energy(d, 1, p=2),
    "H1 down": lambda d: diagram_energy(d, 1, p=2),
    "H1 up, H0 down": lambda d: -diagram_energy(d, 1, p=2, q=1) + diagram_energy(d, 0, p=2),
}
"""Losses of figure 1.  The paper's i0 = 2 in degree 0 leaves out the class that never dies."""

CHAIR: dict[str, Objective] = {
    "chair H0 down": lambda d: diagram_energy(d, 0),
    "chair H0 up": lambda d: -diagram_energy(d, 0),
}
"""Losses of figure 2."""

BOXES = np.array(
    [
        [[0, 0, 0.45], [1, 1, 0.5]],
        [[0, 0.93, 0.5], [1, 1, 1.1]],
        *([[x, y, 0], [x + 0.08, y + 0.08, 0.45]] for x in (0, 0.92) for y in (0, 0.92)),
    ]
)
"""A chair: seat, back and legs, lowest and highest corners."""


def run(settings: Any, data: Any, seed: int) -> Outcome:
    """Move points; numbers are sums of squared lengths before and after."""
    rng = np.random.default_rng([seed, 1])
    start = torch.from_numpy(rng.random((settings.points, 2)).astype(np.float32))
    layer = AlphaPersistence(2, weak=True, threads=1)
    numbers, pictures = _energies(layer(start), "start"), {"start": start.numpy()}
    for name, objective in PLANE.items():
        end = _moved(start, layer, objective, settings.point_steps)
        numbers |= _energies(layer(end), name)
        pictures[name] = end.numpy()
    smooth = AlphaPersistence(2, weak=True, gradient="smooth", threads=1)
    end = _moved(start, smooth, PLANE["H1 up"], settings.point_steps)
    numbers |= _energies(layer(end), "H1 up, smooth")
    pictures["H1 up, smooth"] = end.numpy()

    chair, rips = _chair(settings.points, rng), RipsPersistence(1, threads=1)
    pictures["chair"] = chair.numpy()
    numbers["chair, H0"] = diagram_energy(rips(chair), 0).item()
    for name, objective in CHAIR.items():
        end = _moved(chair, rips, objective, settings.point_steps)
        numbers[f"{name}, H0"] = diagram_energy(rips(end), 0).item()
        pictures[name] = end.numpy()
    return Outcome(numbers, pictures)


def _moved(start: Tensor, layer: torch.nn.Module, objective: Objective, steps: int) -> Tensor:
    """Descend with Adam at the paper's code's rate."""
    points = start.clone().requires_grad_()
    optimiser = Adam([points], 0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        objective(layer(points)).sum().backward()
        optimiser.step()
    return points.detach()


def _energies(diagrams: Any, name: str) -> dict[str, float]:
    """Return sums of squared lengths, and the longest loop."""
    return {
        f"{name}, H0": diagram_energy(diagrams, 0, p=2).item(),
        f"{name}, H1": diagram_energy(diagrams, 1, p=2).item(),
        f"{name}, longest H1": longest(diagrams, 1, 1).item(),
    }


def _chair(count: int, rng: np.random.Generator) -> Tensor:
    """Draw points in the boxes of a chair, as many in each as its volume asks for."""
    sizes = BOXES[:, 1] - BOXES[:, 0]
    box = rng.choice(len(BOXES), count, p=sizes.prod(axis=1) / sizes.prod(axis=1).sum())
    points = BOXES[box, 0] + rng.random((count, 3)) * sizes[box]
    return torch.from_numpy(points.astype(np.float32))
