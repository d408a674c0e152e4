"""Diagrams as a few numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from ..layers.diagram_batch import DiagramBatch


def persistence_entropy(diagrams: DiagramBatch, degree: int) -> Tensor:
    """Compute the entropy of the shares that points have in the sum of all lengths, in nats.

    Source: Chintakunta et al., An entropy-based persistence barcode, Pattern Recognition 2015.

    Returns:
        ``(B,)``; zero for an item without points.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> diagrams = LevelSetPersistence(1)(torch.tensor([[9.0, 0, 2, 0, 2, 0]]))
        >>> persistence_entropy(diagrams, 0).item()  # ln 2
        0.6931471824645996
    """
    chosen = diagrams.of_degree(degree)
    lengths = chosen.lengths()
    shares = lengths / chosen.per_item(lengths)[chosen.item]
    return -chosen.per_item(torch.xlogy(shares, shares))


def carlsson_coordinates(diagrams: DiagramBatch, degree: int) -> Tensor:
    """Compute the four sums of Adcock, Carlsson and Carlsson (2016), and the longest length.

    With l the length and top the largest ``high`` of an item these are the sums of ``low l``,
    ``(top - high) l``, ``low^2 l^4``, ``(top - high)^2 l^4``.

    Returns:
        ``(B, 5)``; zeros for an item without points.
    """
    chosen = diagrams.of_degree(degree)
    low, high = chosen.points.unbind(1)
    lengths = chosen.lengths()
    nothing = high.new_full((len(diagrams),), -torch.inf)
    top = nothing.scatter_reduce(0, chosen.item, high, "amax", include_self=False)
    below = top[chosen.item] - high
    sums = chosen.per_item(
        torch.stack(
            [low * lengths, below * lengths, low**2 * lengths**4, below**2 * lengths**4], dim=1
        )
    )
    most = lengths.new_zeros(len(diagrams)).scatter_reduce(0, chosen.item, lengths, "amax")
    return torch.cat([sums, most[:, None]], dim=1)
