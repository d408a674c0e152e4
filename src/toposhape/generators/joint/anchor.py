"""An anchor for synthetic shapes: near their surfaces f stays near the pretrained f.

No data says what f(., z) is for a fresh z, so the consistency may buy a handle with a sheet between
two legs: a small change of the field that moves much surface. The anchor is the mean square of the
change since pretraining, half at points near the surface as it is now, half near the pretrained
one: a sheet lies where f was well above zero, a leg that went where f was below. A gap of two grid
spacings that closes costs hardly anything.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..implicit.decoder import ImplicitDecoder
from .shape_terms import ShapeStep, without_dropout
from .terms import Term

CANDIDATES = (
    16  # random points for each one that is taken: 1/16 of the box is within a grid spacing
)


class Anchor(Term[ShapeStep]):
    """The mean square of the change near both surfaces of the synthetic shapes."""

    name = "anchor"

    @property
    def weight(self) -> float:
        """Of methods with an anchor."""
        return self.settings.terms.anchor_weight

    def value(self, step: ShapeStep) -> Tensor:
        """At points drawn anew in every step."""
        state, synthetic, random = step.state, step.synthetic, step.anchor_noise
        joint = self.settings.joint
        half = joint.anchor_points // 2
        near = [near_surface(field) for field in synthetic.fields]
        now = present_points(near, half, joint.grid, random).to(synthetic.codes.device)
        before = former_points(state.pretrained, synthetic.codes, half, random)
        with without_dropout(state):
            return anchor_loss(
                state.decoder, state.pretrained, synthetic.codes, torch.cat([now, before], dim=1)
            )


def near_surface(field: NDArray[np.floating]) -> NDArray[np.int64]:
    """Flat C-order indices of the vertices nearer to the surface than one grid spacing.

    Args:
        field: (R, R, R) signed distance on [-1, 1]^3.

    Returns:
        (n,); all vertices of a shape that has no surface.
    """
    found = np.flatnonzero(np.abs(field) < 2 / (len(field) - 1))
    return found if len(found) else np.arange(field.size)


def present_points(
    near: Sequence[NDArray[np.int64]], count: int, resolution: int, random: torch.Generator
) -> Tensor:
    """Points near the surfaces of B shapes, (B, count, 3), uniform in the cells of vertices.

    Args:
        near: for each shape flat indices of vertices, from `near_surface`.
        count: points of a shape.
        resolution: R, vertices along each edge of the grid.
        random: source of the choice, on the CPU.
    """
    drawn = [torch.from_numpy(n)[torch.randint(len(n), (count,), generator=random)] for n in near]
    places = torch.stack(torch.unravel_index(torch.stack(drawn), (resolution,) * 3), dim=-1)
    moved = places + torch.rand(places.shape, generator=random) - 0.5
    return (2 * moved / (resolution - 1) - 1).clamp(-1, 1)


@torch.no_grad()
def former_points(
    pretrained: ImplicitDecoder, codes: Tensor, count: int, random: torch.Generator
) -> Tensor:
    """Points near the pretrained surfaces (B, count, 3): of random ones those with the least |f|.

    Args:
        pretrained: f before joint training.
        codes: (B, d).
        count: points of a shape.
        random: source of the points, on the CPU.
    """
    points = 2 * torch.rand(len(codes), CANDIDATES * count, 3, generator=random) - 1
    points = points.to(codes.device)
    nearest = pretrained(points, codes).abs().topk(count, largest=False).indices
    return points.gather(1, nearest[..., None].expand(-1, -1, 3))


def anchor_loss(
    decoder: ImplicitDecoder, pretrained: ImplicitDecoder, codes: Tensor, points: Tensor
) -> Tensor:
    """Mean square of f(x, z) - f_pretrained(x, z), points (B, Q, 3) of shapes with codes (B, d)."""
    with torch.no_grad():
        before = pretrained(points, codes)
    drift: Tensor = (decoder(points, codes) - before).square().mean()
    return drift
