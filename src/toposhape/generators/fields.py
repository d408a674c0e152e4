"""From codes to fields on the grid."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from .decoder import ImplicitDecoder

POINTS_AT_A_TIME = {"cpu": 1 << 11, "cuda": 1 << 21}  # on a CPU, activations stay in its cache


@lru_cache(maxsize=4)
def grid_points(resolution: int) -> Tensor:
    """The R^3 vertices of the grid on [-1, 1]^3: (R^3, 3) float32, in C order of [x, y, z]."""
    axis = torch.linspace(-1, 1, resolution)
    return torch.cartesian_prod(axis, axis, axis)


@torch.no_grad()
def evaluate_on_grid(
    decoder: ImplicitDecoder,
    codes: ArrayLike | Tensor,
    resolution: int,
    *,
    dtype: torch.dtype = torch.float32,
    points_at_a_time: int | None = None,
) -> NDArray[np.float32]:
    """Signed distances of shapes on the grid, on the decoder's device.

    Args:
        decoder: f.
        codes: (B, d).
        resolution: R, vertices along each edge.
        dtype: float32, or bfloat16 for a faster field of about two correct digits.
        points_at_a_time: block size; the default suits the device.

    Returns:
        (B, R, R, R) float32, [i, j, k] = x, y, z.
    """
    device = next(decoder.parameters()).device
    given = torch.as_tensor(codes, dtype=torch.float32, device=device)
    points = grid_points(resolution).to(device)
    block = points_at_a_time or POINTS_AT_A_TIME.get(device.type, 1 << 18)
    fields = torch.empty(len(given), len(points))
    was_training = decoder.training
    decoder.eval()
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        for i, code in enumerate(given):
            for first in range(0, len(points), block):
                part = points[None, first : first + block]
                fields[i, first : first + block] = decoder(part, code[None])[0]
    decoder.train(was_training)
    return fields.view(-1, resolution, resolution, resolution).numpy()
