"""The data term of (11) as a step takes it: in micro-batches, in lower precision, compiled."""

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from toposhape.learning.accumulation import in_parts
from toposhape.settings.implicit import ShapeTraining

from .decoder import ImplicitDecoder
from .objectives import data_loss


def data_term(
    decoder: ImplicitDecoder,
    codes: Tensor,
    points: Tensor,
    distances: Tensor,
    settings: ShapeTraining,
    *,
    shapes: int | None = None,
    weight: float = 1.0,
) -> Tensor:
    """The data term of a batch, or the share of it that this process has, without its weight.

    Of several micro-batches all but the last are differentiated here, see `in_parts`.

    Args:
        decoder: f.
        codes: (B, d); their own graph is kept.
        points: (B, P, 3).
        distances: (B, P).
        settings: clamp, precision, compilation, shapes of a micro-batch.
        shapes: of the step's whole batch, if other processes have a share of it.
        weight: of the term in what the step minimises.
    """
    network = _network(decoder, settings.compiled)
    dtype = torch.bfloat16 if settings.precision == "bfloat16" else None
    whole = shapes or len(points)

    def share(_: slice, codes: Tensor, points: Tensor, distances: Tensor) -> Tensor:
        predicted = network(points, codes, dtype)
        return len(points) / whole * data_loss(predicted, distances, settings.clamp)

    if not len(points):
        return codes.new_zeros(())
    size = settings.shapes_per_micro_batch
    return in_parts(share, len(points), size, weight, codes, points, distances)


@lru_cache(maxsize=1)
def _network(decoder: ImplicitDecoder, compiled: bool) -> Callable[..., Tensor]:
    return torch.compile(decoder) if compiled else decoder
