"""From codes to fields on the grid."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from .coarse_to_fine import SMALLEST_GRID, fill_grid
from .decoder import ImplicitDecoder
from .frozen import FrozenDecoder

CPU_POINTS = 1 << 10  # at a time: activations stay in the cache
GPU_SHARE = 0.1  # of its memory, for the activations of the points at a time

# Tolerances whose diagrams docs/records/benchmarks_fields.md measures.
SYNTHESIS_TOLERANCE = 0.2  # for scores, in float32
TRAINING_TOLERANCE = 0.3  # for the loss grid, in fast_dtype(device)


@lru_cache(maxsize=4)
def grid_points(resolution: int) -> Tensor:
    """The R^3 vertices of the grid on [-1, 1]^3: (R^3, 3) float32, in C order of [x, y, z]."""
    axis = torch.linspace(-1, 1, resolution)
    return torch.cartesian_prod(axis, axis, axis)


def fast_dtype(device: torch.device | str) -> torch.dtype:
    """bfloat16 where the device multiplies it in hardware, else float32.

    A CPU without such units (AVX512-BF16 or AMX) is slower in bfloat16 than in float32. Versions of
    torch that cannot be asked for a CPU's capabilities count as being on one without.
    """
    if torch.device(device).type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    abilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    has_units = abilities.get("avx512_bf16") or abilities.get("amx_bf16")
    return torch.bfloat16 if has_units else torch.float32


@torch.no_grad()
def evaluate_on_grid(
    decoder: ImplicitDecoder,
    codes: ArrayLike | Tensor,
    resolution: int,
    *,
    tolerance: float = 0.0,
    dtype: torch.dtype = torch.float32,
    points_at_a_time: int | None = None,
) -> NDArray[np.float32]:
    """Signed distances of shapes on the grid, on the decoder's device.

    Args:
        decoder: f.
        codes: (B, d).
        resolution: R, vertices along each edge.
        tolerance: 0 evaluates every vertex. Above, vertices are interpolated where the error is
            expected below this share of the field's rise from vertex to vertex, so that diagrams
            hardly change; those within one spacing of the surface are always evaluated. Grids of
            fewer than 18 vertices along an edge (35 of mirrored shapes, of which one half is
            evaluated) are evaluated wholly.
        dtype: float32, or bfloat16 for a field with errors of about 0.001; see `fast_dtype`.
        points_at_a_time: block size; the default suits the device.

    Returns:
        (B, R, R, R) float32, [i, j, k] = x, y, z.

    Raises:
        ValueError: if the tolerance is negative.
    """
    fields = fields_on_grid(
        decoder,
        codes,
        resolution,
        tolerance=tolerance,
        dtype=dtype,
        points_at_a_time=points_at_a_time,
    )
    found = list(fields)
    return np.stack(found) if found else np.empty((0, *(resolution,) * 3), np.float32)


@torch.no_grad()
def fields_on_grid(
    decoder: ImplicitDecoder,
    codes: ArrayLike | Tensor,
    resolution: int,
    *,
    tolerance: float = 0.0,
    dtype: torch.dtype = torch.float32,
    points_at_a_time: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """As `evaluate_on_grid`, a shape at a time: each (R, R, R) when it is asked for."""
    if tolerance < 0:
        raise ValueError(f"tolerance is {tolerance}: it must be 0 (evaluate all) or positive")
    device = next(decoder.parameters()).device
    block = points_at_a_time or points_in_a_block(decoder.settings.width, device)
    axis = torch.linspace(-1, 1, resolution)
    mirrored = decoder.settings.mirrored
    axes = (axis[resolution // 2 :] if mirrored else axis, axis, axis)
    wholly = tolerance == 0 or len(axes[0]) < SMALLEST_GRID
    points = torch.cartesian_prod(*axes).to(device) if wholly else None
    for code in torch.as_tensor(codes, dtype=torch.float32, device=device):
        evaluate = _in_blocks(FrozenDecoder(decoder, code, dtype), block)
        if points is not None:
            field = evaluate(points).view([len(axis) for axis in axes])
        else:
            field = fill_grid(evaluate, axes, tolerance, device)
        if mirrored:
            field = torch.cat([field.flip(0)[: resolution // 2], field])
        yield np.ascontiguousarray(field.cpu().numpy())


def points_in_a_block(width: int, device: torch.device, memory: int | None = None) -> int:
    """How many points are evaluated at a time.

    On a GPU a power of two, so that two layers of float32 take no more than GPU_SHARE of its
    memory. It depends on the device alone, not on what else is stored there: so do the last bits.

    Args:
        width: of the network.
        device: where it is.
        memory: of the device [bytes]; asked for if it is not given.
    """
    if memory is None:
        if device.type != "cuda":
            return CPU_POINTS
        memory = torch.cuda.get_device_properties(device).total_memory
    points = GPU_SHARE * memory / (2 * 4 * width)
    return 1 << max(10, int(points).bit_length() - 1)


def _in_blocks(f: Callable[[Tensor], Tensor], block: int) -> Callable[[Tensor], Tensor]:
    """Evaluate f at a few points at a time."""
    return lambda points: torch.cat([f(part) for part in points.split(block)])
