"""Decoders with a learned Lipschitz bound.

Liu et al., Learning smooth neural functions via Lipschitz regularization, SIGGRAPH 2022: every
affine layer has a number c, the rows of its matrix W are scaled until ||W||_inf, the largest sum
of absolute values in a row, is at most softplus(c), and the product of all softplus(c) is added
to the loss. In the norm ||v||_inf = max |v_i| the decoder changes by no more than that product
times the change of (x, z).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

if TYPE_CHECKING:
    from .decoder import ImplicitDecoder

STEEPEST = {"relu": 1.0, "softplus": 1.0, "sine": 1.0, "silu": 1.0999}  # slope of an activation


class RowBound(nn.Module):
    """The bound of one affine layer, whose matrix may be stored in parts that stand side by side.

    The layer `(h, x, z)` of an `ImplicitDecoder` has three parts, its hidden weights and those of
    points and codes; a row of it goes through all three.

    Attributes:
        c: scalar; the bound is softplus(c).
    """

    def __init__(self, parts: Sequence[nn.Linear]) -> None:
        """Bound linear layers as one; the bound starts at their norm, so that nothing changes."""
        super().__init__()
        self._weights = [part.weight for part in parts]  # in a list: theirs, not of this module
        norm = self._row_sums().max().detach()
        self.c = nn.Parameter(norm + (-torch.expm1(-norm)).log())  # softplus(c) = norm
        for part in parts:
            parametrize.register_parametrization(part, "weight", _Scaled(self.scale))

    def scale(self) -> Tensor:
        """What every row is multiplied by, at most 1: (rows, 1)."""
        return (self.bound() / self._row_sums()).clamp(max=1)[:, None]

    def bound(self) -> Tensor:
        """softplus(c)."""
        return functional.softplus(self.c)

    def _row_sums(self) -> Tensor:
        return torch.stack([weight.abs().sum(dim=1) for weight in self._weights]).sum(dim=0)


class _Scaled(nn.Module):
    """The parametrization of a weight: its rows times a scale."""

    def __init__(self, scale: Callable[[], Tensor]) -> None:
        super().__init__()
        self._scale = scale

    def forward(self, weight: Tensor) -> Tensor:
        return self._scale() * weight


def bound_rows(decoder: "ImplicitDecoder") -> nn.ModuleList:
    """Give every affine layer of a decoder a bound; its weights keep their values.

    Returns:
        The `RowBound` of each layer, from the input to the output.
    """
    layers: list[Any] = [
        [] if i == 0 else [decoder.hidden[i - 1]] for i in range(decoder.settings.depth)
    ]
    for i, seen in decoder.inputs.items():
        layers[int(i)] += [seen.point, seen.code]
    return nn.ModuleList(RowBound(parts) for parts in [*layers, [decoder.output]])


def lipschitz_bound(decoder: "ImplicitDecoder") -> Tensor:
    """How far f can move in a step of length 1 of (x, z), in the norm max |v_i|; differentiable.

    The product of all softplus(c), but a layer that sees (x, z) again beside hidden units that
    move less than (x, z) do is a first layer again.

    Raises:
        ValueError: if the decoder's layers have no bounds.
    """
    if decoder.bounds is None:
        raise ValueError("this decoder's layers are free: make it with lipschitz=True")
    steepest = STEEPEST[decoder.activation]
    *hidden, output = decoder.bounds
    moved = torch.ones_like(output.c)
    for i, layer in enumerate(hidden):
        if str(i) in decoder.inputs:
            moved = moved.clamp(min=1)
        moved = steepest * layer.bound() * moved
    bound: Tensor = output.bound() * moved
    return bound
