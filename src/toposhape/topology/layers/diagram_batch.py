"""The diagrams of a batch, end to end in one tensor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .grids import TensorDiagram


@dataclass(frozen=True, eq=False)
class DiagramBatch:
    """Persistence diagrams of B fields or clouds, their points end to end: by item, then by degree.

    A point is ``(low, high)``: (death, birth) of superlevel sets, (birth, death) of all others.

    Attributes:
        points: ``(N, 2)`` with gradients to what the layer was given.
        item: ``(N,)`` int64, whose point it is, 0 to B - 1.
        degree: ``(N,)`` int64.
        cells: int64, what gives the two values.  Level sets: ``(N, 2)`` flat C-order indices of
            vertices in the item.  Clouds: ``(N, 2, k)`` indices of the item's points; a simplex of
            fewer than k points repeats its last one.
        count: B.
        degrees: one more than the highest degree that was asked for.
    """

    points: Tensor
    item: Tensor
    degree: Tensor
    cells: Tensor
    count: int
    degrees: int

    def __len__(self) -> int:
        """Return the number of items B."""
        return self.count

    def of_degree(self, degree: int) -> DiagramBatch:
        """Return the points of one degree.

        Raises:
            ValueError: for a degree that the layer was not asked for.
        """
        if not 0 <= degree < self.degrees:
            raise ValueError(
                f"degree {degree} is not in these diagrams, which have degrees 0 to "
                f"{self.degrees - 1}: ask the layer for it"
            )
        return self.chosen(self.degree == degree)

    def chosen(self, which: Tensor) -> DiagramBatch:
        """Return the points under a mask, or with some indices in ascending order."""
        parts = ("points", "item", "degree", "cells")
        return replace(self, **{name: getattr(self, name)[which] for name in parts})

    def lengths(self) -> Tensor:
        """Return how long the points live, ``(N,)``."""
        return self.points[:, 1] - self.points[:, 0]

    def unbind(self) -> list[TensorDiagram]:
        """Return the B diagrams, each with its points and cells degree by degree."""
        place = self.item * self.degrees + self.degree
        sizes = torch.bincount(place, minlength=self.count * self.degrees).tolist()
        points, cells = self.points.split(sizes), self.cells.split(sizes)
        starts = range(0, len(sizes), self.degrees)
        return [
            TensorDiagram(points[i : i + self.degrees], cells[i : i + self.degrees]) for i in starts
        ]

    def per_item(self, values: Tensor) -> Tensor:
        """Sum values ``(N, ...)``, one for each point, over the points of each item."""
        total = values.new_zeros(self.count, *values.shape[1:])
        return total.index_add(0, self.item, values)

    def ranks(self) -> Tensor:
        """Number the points of each item and degree by length, the longest is 0; shape ``(N,)``.

        Of points of equal length the one that comes first is numbered first.
        """
        place = self.item * self.degrees + self.degree
        by_length = torch.argsort(self.lengths().detach(), descending=True, stable=True)
        order = by_length[torch.argsort(place[by_length], stable=True)]
        first = torch.searchsorted(place[order], place[order])  # of the point's own diagram
        ranks = torch.empty_like(order)
        ranks[order] = torch.arange(len(order), device=order.device) - first
        return ranks
