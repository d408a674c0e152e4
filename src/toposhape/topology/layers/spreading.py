"""Where gradients go: to the critical vertices or points alone, or around them too."""

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
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
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


class SpreadInSpace(torch.autograd.Function):
    """The identity on a cloud, whose gradient moves the points around the critical ones too.

    With k a Gaussian and g the gradients of the points c that have one, a point x gets
    ``sum k(x, c) g_c / sum k(x, c)`` (Nadaraya-Watson), or the field ``sum k(x, c) a_c`` that
    is g_c at every c (kernel interpolation; source: Carrière et al., Diffeomorphic interpolation
    for efficient persistence-based topological optimization, 2024).
    """

    @staticmethod
    def forward(ctx: Any, points: Tensor, radius: float, exact: bool) -> Tensor:
        """Return the points ``(n, d)``; radius is the Gaussian's deviation."""
        ctx.save_for_backward(points)
        ctx.radius, ctx.exact = radius, exact
        return points.view_as(points)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Spread the gradient ``(n, d)``."""
        (points,) = ctx.saved_tensors
        moved = gradient.abs().sum(1) > 0
        centres, wanted = points[moved], gradient[moved]
        if not len(centres):
            return gradient, None, None
        kernel = torch.exp(-(torch.cdist(points, centres) ** 2) / (2 * ctx.radius**2))
        if ctx.exact:
            own = kernel[moved] + 1e-6 * torch.eye(len(centres)).to(kernel)
            return kernel @ torch.linalg.solve(own, wanted), None, None
        total = kernel.sum(1, keepdim=True)
        return kernel @ wanted / total.clamp(min=torch.finfo(total.dtype).tiny), None, None
