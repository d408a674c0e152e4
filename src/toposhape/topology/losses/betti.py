"""A prescribed number of holes."""

from __future__ import annotations

from torch import Tensor

from ..layers.diagram_batch import DiagramBatch


def betti_number_loss(
    diagrams: DiagramBatch, degree: int, number: int, span: float = 1.0
) -> Tensor:
    """Ask for so many long points: the longest shall live for ``span``, all others not at all.

    The sum of ``span^2 - length^2`` over the ``number`` longest points (those that are missing have
    length 0) and of ``length^2`` over the others.  Source: Clough et al., A topological loss
    function for deep-learning based image segmentation using persistent homology, 2020.

    Args:
        diagrams: of B items, with ``essential="range"`` to count components: then all are points.
        degree: of the points that count.
        number: of holes.
        span: length of a point that is as long as can be; 1 for probabilities.

    Returns:
        ``(B,)``.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> image = torch.tensor([[[1.0, 1, 1], [1, 0.25, 1], [1, 1, 1]]])
        >>> diagrams = LevelSetPersistence(2, essential="range")(image)
        >>> betti_number_loss(diagrams, degree=1, number=1).item()  # the hole's length is .75
        0.4375
    """
    chosen = diagrams.of_degree(degree)
    squares = chosen.lengths().square()
    wanted = chosen.ranks() < number
    signed = squares.where(~wanted, -squares)
    return number * span**2 + chosen.per_item(signed)
