"""Which training shapes the consistency is taken near: more often those with handles (ours).

A step takes equation (8) near a few shapes of its batch. Where a few training shapes have most of
the category's handles, as frames of sofas have, they need it most, and alike would have it least.
"""

import torch
from torch import Tensor

from ..diagrams.store import Diagrams


def emphasis(truth: Diagrams, share: float) -> Tensor:
    """w_i = 1 - s + s t_i / mean(t), (shapes,) float64; t_i the root of shape i's persistence.

    The root of its total persistence, all squared lifetimes of all degrees together: its distance
    to the empty diagram, but for a factor (equation 1). Without any persistence all weigh 1.

    Args:
        truth: diagrams of the training shapes.
        share: s.
    """
    squares = [sum(float(((p[:, 1] - p[:, 0]) ** 2).sum()) for p in shape) for shape in truth]
    roots = torch.tensor(squares, dtype=torch.float64).sqrt()
    if not (mean := roots.mean()):
        return torch.ones_like(roots)
    return 1 - share + share * roots / mean


def in_order(batch: Tensor, weights: Tensor, random: torch.Generator) -> Tensor:
    """The shapes of a batch, each next one drawn from those that are left by its weight.

    Args:
        batch: (b,) int64, places of the shapes.
        weights: of all training shapes, from `emphasis`.
        random: source of the order, on the CPU.
    """
    likely = weights[batch.cpu()].clamp(min=torch.finfo(weights.dtype).tiny)
    order = torch.multinomial(likely, len(batch), generator=random)
    return batch[order.to(batch.device)]
