"""Diagrams as curves over levels and as pictures: vectors of a fixed length, with gradients.

Every function takes the points ``(low, high)`` of one degree; for superlevel sets low is the death.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..layers.diagram_batch import DiagramBatch


def landscape(diagrams: DiagramBatch, degree: int, levels: Tensor, count: int = 5) -> Tensor:
    """Compute the first persistence landscapes.

    The k-th landscape at level t is the k-th largest of ``max(0, min(t - low, high - t))``.  (gudhi
    scales this by the square root of 2.)  Source: Bubenik, Statistical topological data analysis
    using persistence landscapes, JMLR 2015.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        levels: ``(T,)``.
        count: how many landscapes.

    Returns:
        ``(B, count, T)``.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> diagrams = LevelSetPersistence(1)(torch.tensor([[5.0, 0, 4, 2, 4, 0, 5]]))
        >>> landscape(diagrams, 0, torch.tensor([1.0, 2.0, 3.0]), count=2).tolist()
        [[[1.0, 2.0, 2.0], [1.0, 2.0, 1.0]]]
    """
    chosen = diagrams.of_degree(degree)
    tents = _tents(chosen, levels)
    ranks = chosen.ranks()
    room = max(count, int(ranks.max()) + 1 if len(ranks) else 0)
    table = tents.new_zeros(len(diagrams), room, len(levels))
    table = table.index_put((chosen.item, ranks), tents)
    return table.topk(count, dim=1).values


def silhouette(diagrams: DiagramBatch, degree: int, levels: Tensor, power: float = 1.0) -> Tensor:
    """Compute the mean of ``max(0, min(t - low, high - t))`` weighted by ``length^power``.

    Source: Chazal et al., Stochastic convergence of persistence landscapes and silhouettes, 2014.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        levels: ``(T,)``.
        power: of the length; 0 weighs all points alike, a large one the longest only.

    Returns:
        ``(B, T)``; zero for an item without points.
    """
    chosen = diagrams.of_degree(degree)
    weights = chosen.lengths() ** power
    total = chosen.per_item(weights)
    curve = chosen.per_item(weights[:, None] * _tents(chosen, levels))
    return curve / total.where(total > 0, 1.0)[:, None]


def betti_curve(
    diagrams: DiagramBatch, degree: int, levels: Tensor, temperature: float = 0.0
) -> Tensor:
    """Count the points alive at each level, ``low <= t < high``.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        levels: ``(T,)``.
        temperature: 0 counts, which has no gradient; above 0 both ends are sigmoids of this width,
            in units of the levels.

    Returns:
        ``(B, T)``.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> diagrams = LevelSetPersistence(1)(torch.tensor([[5.0, 0, 4, 2, 4, 0, 5]]))
        >>> betti_curve(diagrams, 0, torch.tensor([1.0, 3.0, 6.0])).tolist()
        [[2.0, 3.0, 0.0]]
    """
    chosen = diagrams.of_degree(degree)
    low, high = chosen.points[:, :1], chosen.points[:, 1:]
    if temperature > 0:
        begun, going_on = ((levels - low) / temperature).sigmoid(), (high - levels) / temperature
        return chosen.per_item(begun * going_on.sigmoid())
    return chosen.per_item(((low <= levels) & (levels < high)).to(low.dtype))


def persistence_image(
    diagrams: DiagramBatch,
    degree: int,
    lows: Tensor,
    lengths: Tensor,
    bandwidth: float,
    power: float = 1.0,
) -> Tensor:
    """Compute sums of normal densities around the points (low, length), weighted by length^power.

    Source: Adams et al., Persistence images, JMLR 2017.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        lows: ``(W,)`` where the picture is sampled along low.
        lengths: ``(H,)`` where it is sampled along ``high - low``.
        bandwidth: deviation of the normal densities, in units of the points.
        power: of the length.

    Returns:
        ``(B, H, W)``.
    """
    chosen = diagrams.of_degree(degree)
    life = chosen.lengths()
    along = torch.exp(-(((lows - chosen.points[:, :1]) / bandwidth) ** 2) / 2)
    above = torch.exp(-(((lengths - life[:, None]) / bandwidth) ** 2) / 2)
    weights = life**power / (2 * math.pi * bandwidth**2)
    return chosen.per_item(weights[:, None, None] * above[:, :, None] * along[:, None])


def _tents(diagrams: DiagramBatch, levels: Tensor) -> Tensor:
    """Return ``(N, T)`` heights of every point's tent over the levels."""
    low, high = diagrams.points[:, :1], diagrams.points[:, 1:]
    return torch.minimum(levels - low, high - levels).clamp(min=0)
