"""A batch in parts that fit into memory, with the gradients of the whole batch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Weights = float | Sequence[float]


def in_parts(
    terms: Callable[..., Tensor],
    rows: int,
    size: int | None,
    weights: Weights,
    *inputs: Tensor,
) -> Tensor:
    """Terms of a batch of which only `size` rows are in memory at a time.

    The objective that a step minimises is the sum of weights times terms, and of whatever else.
    All parts but the last are differentiated here: their gradients, with the weights, are added to
    those of the parameters. So gradients are cleared before, and the result has the value of the
    whole batch and the graph of its last part; whoever adds it, times the same weights, to the
    objective gets the gradient of the whole batch. Without gradients, values are summed alone.

    Args:
        terms: of some rows their part in the terms of the whole batch, (k,) or (); it is called as
            `terms(slice, *inputs)` with the inputs' rows. Of means over a batch that is the mean
            over the rows times their share of the batch.
        rows: of the batch, 1 or more.
        size: rows at a time; None: all. A whole batch is given to `terms` as it is.
        weights: of the k terms in the objective; without gradients none are needed.
        inputs: tensors with that many rows; those with a graph get its gradients too.

    Returns:
        (k,) or ().
    """
    size = size or rows
    if rows <= size:
        return terms(slice(0, rows), *inputs)
    own = [each.detach().requires_grad_(each.requires_grad) for each in inputs]
    *early, last = (slice(first, first + size) for first in range(0, rows, size))
    done = sum(
        _differentiated(terms(part, *(each[part] for each in own)), weights) for part in early
    )
    _pass_on(inputs, own)
    return terms(last, *(each[last] for each in inputs)) + done


def weighted_sum(values: Tensor, weights: Weights) -> Tensor:
    """The sum of weights times values, (k,) or ()."""
    if isinstance(weights, (int, float)):
        return weights * values
    each = [weight * value for weight, value in zip(weights, values.unbind(), strict=True)]
    return sum(each[1:], start=each[0])


def _differentiated(values: Tensor, weights: Weights) -> Tensor:
    """The values of terms whose graph is no longer needed."""
    if values.requires_grad:
        weighted_sum(values, weights).backward()
    return values.detach()


def _pass_on(inputs: Sequence[Tensor], own: Sequence[Tensor]) -> None:
    """Give the gradients of copies to what the inputs were made from; their graph stays."""
    found = [
        (each, copy.grad) for each, copy in zip(inputs, own, strict=True) if copy.grad is not None
    ]
    if found:
        tensors, gradients = zip(*found, strict=True)
        torch.autograd.backward(tensors, gradients, retain_graph=True)
