"""The terms of the training objectives, by the paper's equation numbers."""

import torch
from torch import Tensor

from .decoder import ImplicitDecoder
from .derivatives import directional_divergence, gradient


def data_loss(predicted: Tensor, distances: Tensor, clamp: float | None = None) -> Tensor:
    """The data term of (11): DeepSDF's L1 distance, mean over all samples of all shapes.

    A mean and not a sum, so that weights of other terms and learning rates mean the same at
    every number of shapes and samples.

    Args:
        predicted: f(x, z), (B, P).
        distances: signed distances, (B, P).
        clamp: if given, both are clamped to [-clamp, clamp] before, as DeepSDF does.
    """
    if clamp is not None:
        predicted, distances = predicted.clamp(-clamp, clamp), distances.clamp(-clamp, clamp)
    return (predicted - distances).abs().mean()


def eikonal_loss(slopes: Tensor, power: float = 1.0) -> Tensor:
    """The first term of (5): mean of | |grad f| - 1 |^p, for slopes grad f (B, P, 3)."""
    deviation = (slopes.norm(dim=-1) - 1).abs()
    loss: Tensor = (deviation if power == 1 else deviation.pow(power)).mean()
    return loss


def geometric_regulariser(
    decoder: ImplicitDecoder,
    points: Tensor,
    codes: Tensor,
    *,
    eikonal_power: float = 1.0,
    with_divergence: bool = True,
) -> tuple[Tensor, Tensor]:
    """Both terms of (5) at points of shapes: eikonal, and StEik's directional divergence (L1).

    Args:
        decoder: f.
        points: (B, P, 3).
        codes: (B, d).
        eikonal_power: p.
        with_divergence: whether the second term is wanted; it costs as much as the rest.

    Returns:
        The two means, without their weights; the second is 0 if it is not wanted.
    """
    points = points.detach().requires_grad_()
    slopes = gradient(decoder, points, codes)
    eikonal = eikonal_loss(slopes, eikonal_power)
    if not with_divergence:
        return eikonal, torch.zeros_like(eikonal)
    return eikonal, directional_divergence(slopes, points).abs().mean()
