"""The paper's own surface of a gradient field: rays march to it (equations 11, 12, algorithm 3).

At the smallest deviation s the displacement |D(x) - x| = s^2 |g| is about the distance to the
shape, so a ray that steps by what is left of it over a level delta stops at {|D(x) - x| = delta}.
That level set has two sheets, one on either side of the shape; rays see the one that they come to
first. It is for pictures: the double sheet bounds no solid (`outer_sheet` makes one).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .samplers import Denoise

STEPS = 64
"""Published."""
DELTA = 0.005
"""Published level [normalised units]."""
GAMMA = 1.0
"""Published share of the distance that a step takes."""
LEAST_STEP = 1e-3
"""A ray has arrived when what is left is less [normalised units]."""


class Marched(NamedTuple):
    """Where rays have ended."""

    points: Tensor
    """(n, 3)."""
    normals: Tensor
    """Unit vectors away from the shape, -g / |g|, (n, 3)."""
    hit: Tensor
    """Whether a ray has arrived, bool (n,)."""


@torch.no_grad()
def march_rays(
    denoise: Denoise,
    origins: Tensor,
    directions: Tensor,
    sigma: float,
    *,
    delta: float = DELTA,
    gamma: float = GAMMA,
    steps: int = STEPS,
) -> Marched:
    """March rays until they stand on the level set.

    Args:
        denoise: D of one shape.
        origins: where rays start, (n, 3).
        directions: unit vectors, (n, 3).
        sigma: deviation of the field, the smallest one that D knows.
        delta: of the level set [normalised units].
        gamma: share of |D(x) - x| - delta by which a step goes on, or back.
        steps: at most; rays that have arrived take no more.

    Returns:
        The rays' ends.
    """
    points = origins.clone()
    left = torch.full_like(points[:, 0], torch.inf)
    displacements = torch.zeros_like(points)
    for _ in range(steps):
        on_the_way = (left.abs() > LEAST_STEP).nonzero()[:, 0]
        if len(on_the_way) == 0:
            break
        step = torch.where(left.isfinite(), left, 0)[on_the_way]
        points[on_the_way] += gamma * step[:, None] * directions[on_the_way]
        there = points[on_the_way]
        displacements[on_the_way] = denoise(there[None], sigma)[0] - there
        left[on_the_way] = displacements[on_the_way].norm(dim=1) - delta
    normals = -torch.nn.functional.normalize(displacements, dim=1)
    return Marched(points, normals, left.abs() <= LEAST_STEP)
