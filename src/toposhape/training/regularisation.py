"""The geometric regulariser (5) on synthetic shapes, as a step of training takes it."""

import torch
from torch import Tensor

from toposhape.config import Regularisation, ShapeTraining
from toposhape.generators import ImplicitDecoder

from .objectives import geometric_regulariser


def regularise(
    decoder: ImplicitDecoder,
    settings: ShapeTraining,
    regularisation: Regularisation,
    generator: torch.Generator,
    *,
    with_divergence: bool,
) -> tuple[Tensor, Tensor]:
    """Both terms of (5), at uniform points of shapes with z ~ N(0, I).

    Args:
        decoder: f.
        settings: how many shapes and points.
        regularisation: the exponent p.
        generator: of codes and points, on the CPU.
        with_divergence: whether the second term is wanted; without it it is 0.
    """
    device = next(decoder.parameters()).device
    shapes, count = settings.regularised_shapes, settings.regularised_points
    codes = torch.randn(shapes, decoder.latent_size, generator=generator).to(device)
    points = (2 * torch.rand(shapes, count, 3, generator=generator) - 1).to(device)
    return geometric_regulariser(
        decoder,
        points,
        codes,
        eikonal_power=regularisation.eikonal_power,
        with_divergence=with_divergence,
    )
