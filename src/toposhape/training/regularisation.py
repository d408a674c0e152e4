"""The geometric regulariser (5) on synthetic shapes, as a step of training takes it."""

import torch
from torch import Tensor

from toposhape.config import Regularisation, ShapeTraining
from toposhape.generators import ImplicitDecoder

from .objectives import geometric_regulariser


def regularise(
    decoder: ImplicitDecoder,
    synthetic: tuple[Tensor, Tensor] | None,
    settings: ShapeTraining,
    regularisation: Regularisation,
    lambda_s: float,
) -> tuple[Tensor, Tensor]:
    """Both terms of (5), at uniform points of shapes with z ~ N(0, I), without their weights.

    In micro-batches it goes as in `data_term`: all but the last are differentiated here.

    Args:
        decoder: f.
        synthetic: codes (B, d) and points (B, P, 3) of this process; None: both terms are 0.
        settings: shapes of a micro-batch, and of all processes.
        regularisation: the weight of (5) and the exponent p.
        lambda_s: of the second term; at 0 that is not computed but 0.
    """
    done = torch.zeros(2, device=next(decoder.parameters()).device)
    if synthetic is None or not len(synthetic[0]):
        return done.unbind()
    codes, points = synthetic
    size = settings.shapes_per_micro_batch or len(codes)
    weights = regularisation.weight, regularisation.weight * lambda_s

    def terms(first: int) -> Tensor:
        z = codes[first : first + size]
        pair = geometric_regulariser(
            decoder,
            points[first : first + size],
            z,
            eikonal_power=regularisation.eikonal_power,
            with_divergence=lambda_s > 0,
        )
        return len(z) / settings.regularised_shapes * torch.stack(pair)

    *early, last = range(0, len(codes), size)
    for first in early:
        done = done + _differentiated(terms(first), weights)
    return (terms(last) + done).unbind()


def _differentiated(terms: Tensor, weights: tuple[float, float]) -> Tensor:
    """The values of terms whose graph is no longer needed."""
    (terms[0] * weights[0] + terms[1] * weights[1]).backward()
    return terms.detach()
