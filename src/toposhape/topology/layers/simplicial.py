"""Persistence of functions on the vertices of a simplicial complex, as a layer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from toposhape.base.threads import run_in_threads

from .diagram_batch import DiagramBatch

Ends = NDArray[np.int64]
"""``(m, 2)`` vertices where classes are born and die."""


class SimplicialPersistence(nn.Module):
    """Diagrams of the superlevel or sublevel sets of functions on one simplicial complex.

    A simplex enters with the last of its vertices.  Where values are equal the vertex of the lower
    number comes first; points of length zero are left out, as in `LevelSetPersistence`.

    Args:
        simplices: arrays ``(m, k + 1)`` of numbers of vertices, one for each dimension that there
            is, or any sequences of vertices (triangles of a mesh, edges of a graph); their faces
            belong to the complex, too.
        superlevel: superlevel sets ``{f >= t}``, or sublevel sets ``{f <= t}``.
        degrees: how many degrees, from 0 on; all up to the complex's dimension by default.
        essential: ``"drop"`` leaves out classes that never die; ``"range"`` ends them with the last
            vertex, so that a component's point is (minimum, maximum) of the function.
        threads: functions at the same time; all cores by default.

    Raises:
        ValueError: for a simplex that names a vertex twice, or a vertex below the highest number
            that is in no simplex.

    Examples:
        >>> import torch
        >>> ring = SimplicialPersistence([(0, 1), (1, 2), (2, 3), (3, 0)])  # a graph
        >>> heights = torch.tensor([[3.0, 0.0, 2.0, 1.0]], requires_grad=True)
        >>> diagrams = ring(heights)
        >>> diagrams.points.tolist()  # the second maximum, until it meets the first
        [[1.0, 2.0]]
        >>> SimplicialPersistence(ring.simplices, essential="range")(heights).points.tolist()
        [[0.0, 3.0], [1.0, 2.0]]
    """

    def __init__(
        self,
        simplices: Sequence[NDArray[np.integer]] | Sequence[Sequence[int]],
        superlevel: bool = True,
        degrees: int | None = None,
        essential: Literal["drop", "range"] = "drop",
        threads: int | None = None,
    ) -> None:
        super().__init__()
        self.simplices = _closure(simplices)
        if essential not in ("drop", "range"):
            raise ValueError(f"essential must be one of drop, range; got {essential!r}")
        if degrees is not None and not 1 <= degrees <= len(self.simplices):
            raise ValueError(
                f"degrees is how many degrees, from 0 on: 1 to {len(self.simplices)} for this "
                f"complex, got {degrees!r}"
            )
        self.degrees = len(self.simplices) if degrees is None else degrees
        self.superlevel, self.essential, self.threads = superlevel, essential, threads

    def forward(self, values: Tensor) -> DiagramBatch:
        """Compute the diagrams of a batch of functions, or of one.

        Args:
            values: ``(B, V)`` or ``(V,)`` at the V vertices; float32 or float64, any device.

        Returns:
            The diagrams; ``cells`` are the vertices of a point's low and high end.

        Raises:
            ValueError: for another number of vertices, or a value that is not finite.
        """
        values = values[None] if values.ndim == 1 else values
        vertices = len(self.simplices[0])
        if values.ndim != 2 or values.shape[1] != vertices or not values.is_floating_point():
            raise ValueError(
                f"values have shape {tuple(values.shape)} and dtype {values.dtype}; "
                f"(B, {vertices}) floats are needed, one for each vertex of the complex"
            )
        if not values.isfinite().all():
            item, vertex = (~values.isfinite()).nonzero()[0].tolist()
            raise ValueError(
                f"item {item} of the batch holds {values[item, vertex].item()} at vertex {vertex}; "
                "persistence needs finite values"
            )
        numbers = values.detach().cpu().numpy()
        found: list[list[Ends]] = [[]] * len(values)

        def fill(i: int) -> None:
            found[i] = self._ends(numbers[i])

        run_in_threads(fill, len(values), self.threads)
        sizes = [len(ends) for own in found for ends in own]
        item = np.repeat(np.repeat(np.arange(len(values)), self.degrees), sizes)
        degree = np.repeat(np.tile(np.arange(self.degrees), len(values)), sizes)
        cells = np.concatenate([np.empty((0, 2), np.int64), *(e for own in found for e in own)])
        cells = cells[:, ::-1] if self.superlevel else cells
        of, kind, where = (
            torch.from_numpy(x.copy()).to(values.device) for x in (item, degree, cells)
        )
        points = values[of[:, None], where]
        return DiagramBatch(points, of, kind, where, len(values), self.degrees)

    def _ends(self, values: NDArray[np.floating]) -> list[Ends]:
        """Return where classes of one function are born and die, degree by degree."""
        import gudhi

        order = np.argsort(-values if self.superlevel else values, kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order))
        tree = gudhi.SimplexTree()
        for cells in self.simplices[: self.degrees + 1]:
            tree.insert_batch(np.ascontiguousarray(cells.T, np.int32), rank[cells].max(axis=1))
        tree.compute_persistence(2, min_persistence=0.0, persistence_dim_max=True)
        regular, essential = tree.lower_star_persistence_generators()
        ends = [np.asarray(pairs, np.int64).reshape(-1, 2) for pairs in regular[: self.degrees]]
        ends += [np.empty((0, 2), np.int64)] * (self.degrees - len(ends))
        if self.essential == "range":
            for k in range(min(self.degrees, len(essential))):
                born = np.asarray(essential[k], np.int64)
                ends[k] = np.concatenate([np.stack([born, born * 0 + order[-1]], 1), ends[k]])
        return [e[values[e[:, 0]] != values[e[:, 1]]] for e in ends]

    def extra_repr(self) -> str:
        """Show the options when the module is printed."""
        sizes = "+".join(str(len(cells)) for cells in self.simplices)
        return f"simplices={sizes}, superlevel={self.superlevel}, degrees={self.degrees}"


def _closure(
    simplices: Sequence[NDArray[np.integer]] | Sequence[Sequence[int]],
) -> list[NDArray[np.int64]]:
    """Return all faces of simplices by dimension, ``(m, k + 1)`` ascending, each once."""
    given: dict[int, list[NDArray[np.int64]]] = {}
    for some in simplices:
        rows = np.atleast_2d(np.asarray(some, np.int64))
        given.setdefault(rows.shape[1], []).append(np.sort(rows, axis=1))
    if not given or min(rows.min(initial=0) for own in given.values() for rows in own) < 0:
        raise ValueError("a complex needs simplices, sequences of numbers of vertices from 0 on")
    closed: list[NDArray[np.int64]] = []
    for size in range(max(given), 0, -1):
        parts = given.get(size, [])
        if closed:
            above = closed[-1]
            parts += [above[:, list(c)] for c in itertools.combinations(range(size + 1), size)]
        closed.append(np.unique(np.concatenate(parts), axis=0))
        twice = (np.diff(closed[-1], axis=1) == 0).any(axis=1)
        if twice.any():
            raise ValueError(f"simplex {closed[-1][twice][0].tolist()} names a vertex twice")
    missing = np.setdiff1d(np.arange(closed[-1].max() + 1), closed[-1])
    if len(missing):
        raise ValueError(
            f"vertex {missing[0]} is in no simplex: number vertices without gaps, or give it as a "
            f"simplex of its own, ({missing[0]},)"
        )
    return closed[::-1]
