"""A loss that compares features place by place."""

from __future__ import annotations

from torch import Tensor

from ..layers.betti_matching import MatchedDiagrams


def betti_matching_loss(matched: MatchedDiagrams, degree: int) -> Tensor:
    """Sum the squared distances of matched points, and of all others to the diagonal.

    Equation (1) with the matching that the functions induce instead of the cheapest one; half of
    the loss of Stucki et al. (2023).

    Args:
        matched: of B pairs of fields, by `BettiMatching`.
        degree: of the points that count.

    Returns:
        ``(B,)``, with gradients to both sides.
    """
    first, second = matched.first, matched.second
    first.of_degree(degree)  # refuses a degree that was not asked for
    ours, theirs = matched.pairs[first.degree[matched.pairs[:, 0]] == degree].unbind(1)
    apart = (first.points[ours] - second.points[theirs]).square().sum(1)
    total = first.points.new_zeros(len(first)).index_add(0, first.item[ours], apart)
    for side, alone in zip((first, second), matched.alone(), strict=True):
        which = alone & (side.degree == degree)
        total = total.index_add(0, side.item[which], side.lengths()[which].square() / 2)
    return total
