"""The geometric regulariser (5) on synthetic shapes, as a step of training takes it."""

import torch
from torch import Tensor

from toposhape.config import Regularisation
from toposhape.generators import ImplicitDecoder

from .objectives import geometric_regulariser


def regularise(
    decoder: ImplicitDecoder,
    synthetic: tuple[Tensor, Tensor] | None,
    regularisation: Regularisation,
    share: float = 1.0,
    *,
    with_divergence: bool,
) -> tuple[Tensor, Tensor]:
    """Both terms of (5), at uniform points of shapes with z ~ N(0, I).

    Args:
        decoder: f.
        synthetic: codes (B, d) and points (B, P, 3); None: both terms are 0.
        regularisation: the exponent p.
        share: of the step's synthetic shapes that these are.
        with_divergence: whether the second term is wanted; without it it is 0.
    """
    if synthetic is None or share == 0:
        return torch.zeros(2, device=next(decoder.parameters()).device).unbind()
    codes, points = synthetic
    eikonal, divergence = geometric_regulariser(
        decoder,
        points,
        codes,
        eikonal_power=regularisation.eikonal_power,
        with_divergence=with_divergence,
    )
    return share * eikonal, share * divergence
