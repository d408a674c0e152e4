"""Softplus with a derivative that costs a sigmoid."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class _Softplus(torch.autograd.Function):
    """log(1 + exp(beta x)) / beta; its backward is made of differentiable parts."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, beta: float) -> Tensor:
        ctx.save_for_backward(values)
        ctx.beta = beta
        return functional.softplus(values, beta)

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor, None]:
        (values,) = ctx.saved_tensors
        return outer * torch.sigmoid(values * ctx.beta), None


def softplus(values: Tensor, beta: float) -> Tensor:
    """log(1 + exp(beta x)) / beta, elementwise; differentiable any number of times."""
    return _Softplus.apply(values, beta)
