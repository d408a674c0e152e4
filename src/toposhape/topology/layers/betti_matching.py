"""Betti matching of functions on grids, as a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from toposhape.base.threads import run_in_threads

from ..comparison.induced_matching import induced_matching
from .diagram_batch import DiagramBatch
from .level_sets import LevelSetPersistence


@dataclass(frozen=True, eq=False)
class MatchedDiagrams:
    """The diagrams of two batches of B fields, and which of their points are the same feature.

    Attributes:
        first: diagrams of the first fields.
        second: diagrams of the second ones.
        pairs: ``(m, 2)`` int64 places of matched points in both.
    """

    first: DiagramBatch
    second: DiagramBatch
    pairs: Tensor

    def alone(self) -> tuple[Tensor, Tensor]:
        """Return two masks of the points that match nothing."""
        masks = []
        for side, places in zip((self.first, self.second), self.pairs.unbind(1), strict=True):
            masks.append(torch.ones(len(side.points), dtype=torch.bool, device=places.device))
            masks[-1][places] = False
        return masks[0], masks[1]

    def errors(self, degree: int) -> Tensor:
        """Count the points of a degree that match nothing, ``(B,)``: the Betti matching error."""
        count = self.pairs.new_zeros(len(self.first))
        for side, alone in zip((self.first, self.second), self.alone(), strict=True):
            which = alone & (side.degree == degree)
            count = count.index_add(0, side.item[which], torch.ones_like(side.item[which]))
        return count


class BettiMatching(nn.Module):
    """Matches features of a prediction with those of a target, where they lie in the same place.

    A hole of one function matches one of the other if both are the same hole of their maximum
    (superlevel sets; of sublevel sets their minimum).  Distances of diagrams match points of alike
    values, wherever in the image they come from; this does not.  Source: Stucki et al.,
    Topologically faithful image segmentation via induced matching of persistence barcodes, 2023.

    The class that never dies has the point (minimum, maximum) of the field; both always match.

    Args:
        dim: 1, 2 or 3.
        superlevel: as in `LevelSetPersistence`.
        complex: as there.
        degrees: as there.
        threads: as there.
        options: ``gradient`` and ``radius``, as there.

    Examples:
        >>> import torch
        >>> from toposhape.topology import betti_matching_loss
        >>> target = torch.zeros(1, 5, 5)
        >>> target[0, 1, 0:5] = 1.0  # a bar
        >>> broken = target.clone()
        >>> broken[0, 1, 2] = 0.25
        >>> matched = BettiMatching(dim=2)(broken, target)
        >>> matched.errors(degree=0).tolist()  # a second piece, between .25 and 1
        [1]
        >>> betti_matching_loss(matched, degree=0).tolist()
        [0.28125]
    """

    def __init__(
        self,
        dim: Literal[1, 2, 3],
        superlevel: bool = True,
        complex: Literal["freudenthal", "cubical"] = "freudenthal",
        degrees: tuple[int, ...] | None = None,
        threads: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.layer = LevelSetPersistence(
            dim, superlevel, complex, degrees, essential="range", threads=threads, **options
        )
        self.comparison = LevelSetPersistence(dim, superlevel, complex, degrees, threads=threads)

    def forward(self, fields: Tensor, targets: Tensor) -> MatchedDiagrams:
        """Match the diagrams of two batches of fields, or of two fields.

        Args:
            fields: as in `LevelSetPersistence`.
            targets: of the same shape, dtype and device.

        Returns:
            The diagrams, with gradients to both, and their matching.

        Raises:
            ValueError: as `LevelSetPersistence`, and for shapes, dtypes or devices that differ.
        """
        if (fields.shape, fields.dtype, fields.device) != (
            targets.shape, targets.dtype, targets.device,
        ):  # fmt: skip
            raise ValueError(
                f"fields {tuple(fields.shape)} {fields.dtype} on {fields.device} and targets "
                f"{tuple(targets.shape)} {targets.dtype} on {targets.device} must be alike"
            )
        sides = [self.layer(fields), self.layer(targets)]
        superlevel, dim = self.layer.superlevel, self.layer.dim
        common = self.comparison((torch.maximum if superlevel else torch.minimum)(fields, targets))
        rising = [
            x.detach().cpu().numpy().reshape(len(common), *(1,) * (3 - dim), *x.shape[-dim:])
            for x in ((fields, targets) if superlevel else (-fields, -targets))
        ]
        numbers = [_Numbers(side, superlevel) for side in (*sides, common)]
        found: list[list[NDArray[np.int64]]] = [[] for _ in range(len(common))]

        def fill(i: int) -> None:
            for degree in self.layer.degrees:
                places = [side.places(i, degree) for side in numbers]
                points = [n.points[p] for n, p in zip(numbers, places, strict=True)]
                pairs = induced_matching(
                    (rising[0][i], rising[1][i]), points, degree, dim, self.layer.complex
                )
                pairs = np.stack([places[0][pairs[:, 0]], places[1][pairs[:, 1]]], axis=1)
                found[i].append(pairs)
            if 0 in self.layer.degrees:
                whole = [n.whole(i, f[i]) for n, f in zip(numbers[:2], rising, strict=True)]
                found[i].append(np.stack(np.broadcast_arrays(*whole), axis=1))

        run_in_threads(fill, len(common), self.layer.threads)
        pairs = np.concatenate([np.empty((0, 2), np.int64), *(p for own in found for p in own)])
        return MatchedDiagrams(sides[0], sides[1], torch.from_numpy(pairs).to(fields.device))


class _Numbers:
    """A batch of diagrams in NumPy: cells as (death, birth), and where an item's points are."""

    def __init__(self, diagrams: DiagramBatch, superlevel: bool) -> None:
        cells = diagrams.cells.cpu().numpy()
        self.points = cells if superlevel else cells[:, ::-1]
        self.item, self.degree = diagrams.item.cpu().numpy(), diagrams.degree.cpu().numpy()

    def places(self, item: int, degree: int) -> NDArray[np.int64]:
        """Return where the points of an item and degree are."""
        first, end = np.searchsorted(self.item, [item, item + 1])
        found: NDArray[np.int64] = first + np.flatnonzero(self.degree[first:end] == degree)
        return found

    def whole(self, item: int, rising: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return where the class is that never dies, born at the maximum; none if constant."""
        places = self.places(item, 0)
        whole: NDArray[np.int64] = places[self.points[places, 1] == rising.argmax()]
        return whole
