"""From codes to fields on the grid, and from fields to surfaces."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from skimage.measure import marching_cubes
from torch import Tensor

from .decoder import ImplicitDecoder

POINTS_AT_A_TIME = {"cpu": 1 << 14, "cuda": 1 << 21}


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


def extract_surface(
    field: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The zero level set of a field on the grid, by marching cubes, in the shape frame.

    Args:
        field: (R, R, R) signed distances, negative inside.

    Returns:
        Vertices (V, 3) and faces (F, 3), oriented outwards; both empty if the field has no sign
        change.

    Raises:
        ValueError: if the field is not finite.
    """
    if not np.isfinite(field).all():
        raise ValueError("the field holds values that are not finite: its generator is broken")
    if not field.min() < 0 < field.max():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64)
    step = 2 / (len(field) - 1)
    vertices, faces, _, _ = marching_cubes(field, 0.0, spacing=(step, step, step))
    return (vertices - 1).astype(np.float32), faces.astype(np.int64)
