"""Gradients of points of diagrams, handed on to the vertices of critical sets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.base.kernels.calls import Kernel
from toposhape.base.threads import run_in_threads

from ..comparison.cells import neighbour_steps
from .ways import ways

_spread = Kernel(f"{__package__}.kernels", "spread")


class CriticalSets(torch.autograd.Function):
    """The values of fields at critical vertices, whose gradients go to critical sets.

    Where sets overlap a vertex follows the one that wants it to move furthest.
    """

    @staticmethod
    def forward(
        ctx: Any,
        fields: Tensor,
        item: Tensor,
        degree: Tensor,
        cells: Tensor,
        superlevel: bool,
        complex: str,
        reach: float,
        threads: int | None,
    ) -> Tensor:
        """Return the values ``(N, 2)`` of fields ``(B, ...)`` at cells ``(N, 2)``.

        Args:
            ctx: of torch.
            fields: of the layer.
            item: of the points, ascending.
            degree: of the points.
            cells: their low and high vertices.
            superlevel: superlevel or sublevel sets.
            complex: of the grid.
            reach: an end at c with gradient g is meant to go to ``c - reach * g``.
            threads: items at the same time.
        """
        ctx.save_for_backward(fields, item, degree, cells)
        ctx.options = superlevel, complex, reach, threads
        return fields.reshape(len(fields), math.prod(fields.shape[1:]))[item[:, None], cells]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Spread the gradient ``(N, 2)``, item by item."""
        fields, *points = ctx.saved_tensors
        superlevel, complex, reach, threads = ctx.options
        sign = 1.0 if superlevel else -1.0  # everything is done on superlevel sets
        item, degree, cells = (x.cpu().numpy() for x in points)
        values, wanted = (sign * x.cpu().double().numpy() for x in (fields.detach(), gradient))
        births = np.array([0, 1] if superlevel else [1, 0])
        found = np.zeros(values.shape)
        table = ways(values.ndim - 1)
        chosen = table[degree[:, None], births, (wanted < 0).astype(np.int64)]

        def fill(i: int) -> None:
            own = slice(*np.searchsorted(item, [i, i + 1]))
            found[i] = _spread_in(
                values[i], cells[own].ravel(), chosen[own].ravel(), wanted[own].ravel(),
                complex, reach,
            )  # fmt: skip

        run_in_threads(fill, len(values), threads)
        return torch.from_numpy(sign * found).to(gradient), *(None,) * 7


def _spread_in(
    field: NDArray[np.float64],
    vertices: NDArray[np.int64],
    chosen: NDArray[np.int64],
    wanted: NDArray[np.float64],
    complex: str,
    reach: float,
) -> NDArray[np.float64]:
    """Return the gradient of one field, given those of its critical vertices."""
    n, gradient = field.size, np.zeros(field.size)
    _spread(
        np.ascontiguousarray(field.reshape(-1)),
        np.array([1] * (3 - field.ndim) + list(field.shape)),
        neighbour_steps(complex, field.ndim, False),
        neighbour_steps(complex, field.ndim, True),
        vertices.copy(),
        chosen.copy(),
        wanted.copy(),
        np.array([reach]),
        np.full(n, -1),
        np.empty(n, np.int64),
        gradient,
    )
    return gradient.reshape(field.shape)
