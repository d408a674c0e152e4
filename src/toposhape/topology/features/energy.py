"""Sums over the points of diagrams: the paper's barcode polynomials and their relatives.

Source: Brüel-Gabrielsson et al., A Topology Layer for Machine Learning, AISTATS 2020, equation (1).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..layers.diagram_batch import DiagramBatch


def diagram_energy(
    diagrams: DiagramBatch, degree: int, p: float = 1.0, q: float = 0.0, skip: int = 0
) -> Tensor:
    """Compute E(p, q, i0; PD_k), the sum of ``length^p * middle^q`` but for the longest points.

    The paper numbers points by length from 1 on and starts with number i0.  In degree 0 its number
    1 is the class that never dies, which is no point here: ``skip = i0 - 2`` there, ``i0 - 1`` in
    other degrees and for ``essential="range"``.  Of equally long points the first is skipped first.

    Args:
        diagrams: of B items.
        degree: of the points that count.
        p: power of the length, >= 1; below 1 the gradient at length 0 would be infinite.
        q: power of the middle ``(low + high) / 2``; a whole number where middles are negative.
        skip: number of longest points of each item that are left out.

    Returns:
        ``(B,)``.

    Raises:
        ValueError: for a degree that is not there, p below 1, or negative q or skip.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence
        >>> diagrams = LevelSetPersistence(dim=1)(torch.tensor([[0.0, 5, 0, 3, 1, 2]]))
        >>> diagram_energy(diagrams, degree=0).item(), diagram_energy(diagrams, 0, skip=1).item()
        (4.0, 1.0)
    """
    if not p >= 1 or not q >= 0 or not skip >= 0:
        raise ValueError(f"p >= 1, q >= 0 and skip >= 0 are needed; got {p=}, {q=}, {skip=}")
    chosen = diagrams.of_degree(degree)
    if skip:
        chosen = chosen.chosen(chosen.ranks() >= skip)
    terms = chosen.lengths() ** p
    if q:
        terms = terms * chosen.points.mean(dim=1) ** q
    return chosen.per_item(terms)


def longest(diagrams: DiagramBatch, degree: int, count: int) -> Tensor:
    """Return the lengths of the longest points, ``(B, count)``, with zeros where there are fewer.

    ``longest(...).cumsum(1)`` are the paper's partial sums, E(1, 0, i0) - E(1, 0, i0 + k).
    """
    chosen = diagrams.of_degree(degree)
    ranks = chosen.ranks()
    kept = ranks < count
    lengths = chosen.points.new_zeros(len(diagrams), count)
    return lengths.index_put((chosen.item[kept], ranks[kept]), chosen.lengths()[kept])


def polynomial_features(
    diagrams: DiagramBatch, degree: int, powers: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> Tensor:
    """Compute ``sum length^p * middle^q`` for all pairs (p, q) of powers, ``(B, len(powers)^2)``.

    Points of length zero are none, so that p = 0 counts points.
    """
    chosen = diagrams.of_degree(degree)
    exponents = torch.tensor(powers, dtype=chosen.points.dtype, device=chosen.points.device)
    lengths = chosen.lengths()[:, None] ** exponents
    middles = chosen.points.mean(dim=1)[:, None] ** exponents
    return chosen.per_item(lengths[:, :, None] * middles[:, None]).flatten(1)
