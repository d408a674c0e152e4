"""Where the gradients of a grid go: to the critical vertices alone, or around them too."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


class SpreadOnGrid(torch.autograd.Function):
    """The identity, whose gradient is spread by a Gaussian that is 1 at its centre.

    A step of gradient descent then moves the critical vertices as far as without, and their
    surroundings with them; see `docs/layers.md` for when this pays.
    """

    @staticmethod
    def forward(ctx: Any, fields: Tensor, radius: float) -> Tensor:
        """Return the fields ``(B, ...)``; radius is the Gaussian's deviation in grid steps."""
        ctx.radius = radius
        return fields.view_as(fields)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple:
        """Convolve the gradient along every axis but the first."""
        reach = max(1, math.ceil(3 * ctx.radius))
        steps = torch.arange(-reach, reach + 1, dtype=gradient.dtype, device=gradient.device)
        kernel = torch.exp(-0.5 * (steps / ctx.radius) ** 2)
        for axis in range(1, gradient.ndim):
            rows = gradient.movedim(axis, -1)
            flat = rows.reshape(-1, 1, rows.shape[-1])
            smooth = torch.nn.functional.conv1d(flat, kernel[None, None], padding=reach)
            gradient = smooth.reshape(rows.shape).movedim(-1, axis)
        return gradient, None
