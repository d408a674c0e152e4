"""Where gradients should go: how many full steps of descent mend a fault, for each way.

``python benchmarks/gradients.py`` prints the tables of ``docs/layers.md``.  A step moves the
critical vertices exactly to where the loss wants them; the fault is mended when 5 % are left of
the loss.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
import torch

from toposhape.topology import AlphaPersistence, LevelSetPersistence, longest

FIELDS = ("vertices", "gaussian", "sets")
CLOUDS = ("points", "smooth", "interpolate")
MOST_STEPS = 1000
WANTED = 0.05
"""How far beyond 0, the surface, an end is asked to go."""


class Fault(NamedTuple):
    """A solid with a fault: the longest point of a degree has an end on the wrong side of 0."""

    field: np.ndarray
    degree: int
    birth: bool
    level: float


def faults(side: int, dim: int) -> dict[str, Fault]:
    """Return solids {f > 0} on a grid from -1 to 1."""
    axes = np.meshgrid(*[np.linspace(-1, 1, side)] * dim, indexing="ij")
    x, y, rest = axes[-1], axes[-2], sum((a**2 for a in axes[:-2]), np.zeros(()))
    across = np.sqrt(y**2 + rest)
    bar = np.minimum(0.25 - across, 0.8 - abs(x))
    ring = 0.22 - np.sqrt((np.hypot(x, y) - 0.6) ** 2 + rest)
    ball = 0.35 - np.hypot(x + 0.5, across)
    crumb = 0.2 - np.hypot(x - 0.6, across)
    disc = np.minimum(0.08 - np.sqrt(rest), 0.6 - np.hypot(x, y))
    found = {
        "gap in a bar, death up": Fault(np.minimum(bar, abs(x) - 0.1), 0, False, WANTED),
        "floating crumb, birth down": Fault(np.maximum(ball, crumb), 0, True, -WANTED),
        "broken ring, H1 birth up": Fault(
            np.minimum(ring, np.where(x > 0, abs(y) - 0.1, 1.0)), 1, True, WANTED
        ),
    }
    if dim == 3:
        found["membrane in a ring, H1 death down"] = Fault(np.maximum(ring, disc), 1, False, -0.1)
    else:
        found["hole to be filled, H1 death up"] = Fault(ring, 1, False, WANTED)
    return found


def steps_on_grid(fault: Fault, gradient: str, radius: float) -> int:
    """Count the steps of one way."""
    dim = fault.field.ndim
    layer = LevelSetPersistence(dim, gradient=gradient, radius=radius, threads=1)
    rng = np.random.default_rng(0)
    noise = 1e-4 * rng.standard_normal(fault.field.shape)  # no two vertices are equal
    field = torch.from_numpy(fault.field + noise)[None].requires_grad_()
    sign = 1.0 if fault.level > 0 else -1.0  # up or down
    first = None
    for step in range(MOST_STEPS):
        points = layer(field).of_degree(fault.degree)
        end = points.points[points.ranks() == 0, int(fault.birth)]
        loss = (sign * (fault.level - end)).clamp(min=0).square().sum()
        first = loss.item() if first is None else first
        if loss.item() <= 0.05 * first:
            return step
        (moved,) = torch.autograd.grad(loss, field)
        field = (field.detach() - 0.5 * moved).requires_grad_()
    return MOST_STEPS


def steps_of_cloud(count: int, gradient: str) -> int:
    """Count the steps until a loop of a random cloud lives for half of the square's side."""
    generator = torch.Generator().manual_seed(0)
    cloud = torch.rand(count, 2, generator=generator, dtype=torch.float64).requires_grad_()
    layer = AlphaPersistence(2, weak=True, gradient=gradient, radius=0.1, threads=1)
    for step in range(MOST_STEPS):
        length = longest(layer(cloud), 1, 1).sum()
        if length.item() > 0.5:
            return step
        (moved,) = torch.autograd.grad(length, cloud)
        cloud = (cloud.detach() + 0.02 * moved / moved.norm(dim=1).max()).requires_grad_()
    return MOST_STEPS


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[32], help="vertices along an axis")
    parser.add_argument("--points", type=int, nargs="+", default=[300], help="of a cloud")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| steps | {' | '.join(FIELDS)} |\n| --- |{' ---: |' * len(FIELDS)}")
    for side in options.sides:
        for dim in (2, 3):
            for name, fault in faults(side, dim).items():
                steps = [str(steps_on_grid(fault, way, radius=1.5)) for way in FIELDS]
                print(f"| {side}^{dim}: {name} | {' | '.join(steps)} |", flush=True)
    print(f"\n| steps | {' | '.join(CLOUDS)} |\n| --- |{' ---: |' * len(CLOUDS)}")
    for count in options.points:
        steps = [str(steps_of_cloud(count, way)) for way in CLOUDS]
        print(f"| {count} points: a loop of length .5 | {' | '.join(steps)} |", flush=True)


if __name__ == "__main__":
    main()
