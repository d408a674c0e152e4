"""The geometric regulariser (5) on synthetic shapes, as a step of training takes it."""

import torch
from torch import Tensor

from toposhape.learning.accumulation import in_parts
from toposhape.settings.implicit import Regularisation, ShapeTraining

from .decoder import ImplicitDecoder
from .objectives import geometric_regulariser


def regularise(
    decoder: ImplicitDecoder,
    synthetic: tuple[Tensor, Tensor] | None,
    settings: ShapeTraining,
    regularisation: Regularisation,
    lambda_s: float,
) -> tuple[Tensor, Tensor]:
    """Both terms of (5), at uniform points of shapes with z ~ N(0, I), without their weights.

    Of several micro-batches all but the last are differentiated here, see `in_parts`.

    Args:
        decoder: f.
        synthetic: codes (B, d) and points (B, P, 3) of this process; None: both terms are 0.
        settings: shapes of a micro-batch, and of all processes.
        regularisation: the weight of (5) and the exponent p.
        lambda_s: of the second term; at 0 that is not computed but 0.
    """
    if synthetic is None or not len(synthetic[0]):
        none = torch.zeros((), device=next(decoder.parameters()).device)
        return none, none

    def share(_: slice, codes: Tensor, points: Tensor) -> Tensor:
        pair = geometric_regulariser(
            decoder,
            points,
            codes,
            eikonal_power=regularisation.eikonal_power,
            with_divergence=lambda_s > 0,
        )
        return len(codes) / settings.regularised_shapes * torch.stack(pair)

    weights = regularisation.weight, regularisation.weight * lambda_s
    size = settings.shapes_per_micro_batch
    eikonal, divergence = in_parts(share, len(synthetic[0]), size, weights, *synthetic)
    return eikonal, divergence
