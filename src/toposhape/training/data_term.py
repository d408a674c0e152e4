"""The data term of (11) as a step takes it: in micro-batches, in lower precision, compiled."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import torch
from torch import Tensor, nn

from toposhape.config import ShapeTraining
from toposhape.generators import ImplicitDecoder
from toposhape.vector_set_settings import SetTraining

from .objectives import data_loss


def data_term(
    decoder: ImplicitDecoder,
    codes: Tensor,
    points: Tensor,
    distances: Tensor,
    settings: ShapeTraining,
    shapes: int | None = None,
) -> Tensor:
    """The data term of a batch, or the share of it that this process has.

    Of several micro-batches all but the last are differentiated here: their gradients are added to
    those of the parameters, and only the last one's activations stay in memory. So gradients are
    cleared before, and the result has the value of the whole batch and the graph of the rest.

    Args:
        decoder: f.
        codes: (B, d); their own graph is kept.
        points: (B, P, 3).
        distances: (B, P).
        settings: clamp, precision, compilation, shapes of a micro-batch.
        shapes: of the step's whole batch, if other processes have a share of it.
    """
    network = _network(decoder, settings.compiled)
    dtype = torch.bfloat16 if settings.precision == "bfloat16" else None
    size = settings.shapes_per_micro_batch or len(points)
    whole = shapes or len(points)

    def loss(codes: Tensor, points: Tensor, distances: Tensor) -> Tensor:
        predicted = network(points, codes, dtype)
        return len(points) / whole * data_loss(predicted, distances, settings.clamp)

    if not len(points):
        return codes.new_zeros(())
    if len(points) <= size:  # unsliced: the order in which gradients of codes are added stays
        return loss(codes, points, distances)
    own = codes.detach().requires_grad_(codes.requires_grad)
    *early, last = (slice(first, first + size) for first in range(0, len(points), size))
    done = sum(_differentiated(loss(own[rows], points[rows], distances[rows])) for rows in early)
    if own.grad is not None:
        codes.backward(own.grad, retain_graph=True)
    return loss(codes[last], points[last], distances[last]) + done


@contextmanager
def fast_products(settings: ShapeTraining | SetTraining, device: torch.device) -> Iterator[None]:
    """Let a GPU multiply float32 by TF32 units meanwhile, if the settings do not ask for float32.

    Afterwards all is as before: diagrams and their critical values are never taken in TF32.
    """
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda" and settings.precision != "float32":
        torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@lru_cache(maxsize=1)
def _network(decoder: ImplicitDecoder, compiled: bool) -> nn.Module:
    return torch.compile(decoder) if compiled else decoder


def _differentiated(loss: Tensor) -> Tensor:
    """The value of a loss whose graph is no longer needed."""
    loss.backward()
    return loss.detach()
