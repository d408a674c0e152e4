"""First and second derivatives of a field with respect to the point.

StEik (Yang et al., NeurIPS 2023) regularises by the *directional divergence*, the second
derivative of f along its own gradient, which is small for a distance function.
"""

import torch
from torch import Tensor

from .decoder import ImplicitDecoder

SMALL = 1e-6  # keeps the directional divergence finite where the gradient vanishes


def gradient(decoder: ImplicitDecoder, points: Tensor, codes: Tensor) -> Tensor:
    """grad_x f(x, z), differentiable with respect to weights, codes and points.

    Args:
        decoder: f.
        points: (B, P, 3), requiring gradients.
        codes: (B, d).

    Returns:
        (B, P, 3).
    """
    return _derivative(decoder(points, codes).sum(), points)


def directional_divergence(slopes: Tensor, points: Tensor) -> Tensor:
    """(grad f . H grad f) / |grad f|^2 by one vector-Jacobian product, without a Hessian.

    H grad f = 0.5 grad(|grad f|^2).

    Args:
        slopes: grad f at the points, (B, P, 3), with its graph.
        points: (B, P, 3), requiring gradients.

    Returns:
        (B, P).
    """
    squares = slopes.square().sum(dim=-1)
    curvature = 0.5 * _derivative(squares.sum(), points)
    return (curvature * slopes).sum(dim=-1) / (squares + SMALL)


def _derivative(total: Tensor, points: Tensor) -> Tensor:
    return torch.autograd.grad(total, points, create_graph=True)[0]
