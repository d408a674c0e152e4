"""Persistence of functions on grids in one, two and three dimensions, as a layer."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..grids.persistence import COMPLEXES
from ..images.engine import BatchPairs, image_pairs
from .diagram_batch import DiagramBatch
from .spreading import SpreadOnGrid


class LevelSetPersistence(nn.Module):
    """Diagrams of the superlevel or sublevel sets of a batch of functions on a grid.

    The layer has neither parameters nor state, and grids of any size may follow each other.  Where
    values are equal the vertex that comes first in memory is taken to come first in the filtration
    (a subgradient, the same one every time).  Points of length zero are left out.

    Args:
        dim: 1, 2 or 3: fields are ``(B, N)``, ``(B, H, W)`` or ``(B, D, H, W)``.
        superlevel: superlevel sets ``{f >= t}``, or sublevel sets ``{f <= t}``.
        complex: ``"freudenthal"`` (the triangulated grid) or ``"cubical"`` (V-construction).
        degrees: which degrees, of 0 to dim - 1; all of them by default.
        essential: ``"drop"`` leaves out the class that never dies; ``"range"`` gives it the point
            (minimum, maximum) of the field, in degree 0.
        min_persistence: points that live less long are left out.
        gradient: ``"vertices"``: a point's gradient goes to its two critical vertices alone;
            ``"gaussian"``: to the vertices around them too; ``"sets"``: to their critical sets, all
            vertices that must move with them (see `critical_sets`).
        radius: deviation of that Gaussian, in grid steps.
        reach: of critical sets: an end of a point at value c whose gradient is g is meant to go to
            ``c - reach * g``; 0.5 for squared costs as equation (1).
        threads: as in `superlevel_diagrams`.

    Raises:
        ValueError: for an option that is not among these.

    Examples:
        >>> import torch
        >>> from toposhape.topology import LevelSetPersistence, diagram_energy
        >>> image = torch.tensor([[[0.0, 3, 0, 2], [0, 0, 0, 0], [0, 1, 0, 0]]], requires_grad=True)
        >>> diagrams = LevelSetPersistence(dim=2)(image)
        >>> diagrams.points.tolist()
        [[0.0, 2.0], [0.0, 1.0]]
        >>> diagram_energy(diagrams, degree=0).sum().backward()  # one maximum, please
        >>> image.grad[0, 0].tolist()
        [0.0, 0.0, -1.0, 1.0]
    """

    def __init__(
        self,
        dim: Literal[1, 2, 3],
        superlevel: bool = True,
        complex: Literal["freudenthal", "cubical"] = "freudenthal",
        degrees: tuple[int, ...] | None = None,
        essential: Literal["drop", "range"] = "drop",
        min_persistence: float = 0.0,
        gradient: Literal["vertices", "gaussian", "sets"] = "vertices",
        radius: float = 1.5,
        reach: float = 0.5,
        threads: int | None = None,
    ) -> None:
        super().__init__()
        _require("dim", dim, (1, 2, 3))
        _require("complex", complex, COMPLEXES)
        _require("essential", essential, ("drop", "range"))
        _require("gradient", gradient, ("vertices", "gaussian", "sets"))
        self.degrees = tuple(range(dim)) if degrees is None else tuple(sorted(set(degrees)))
        if not self.degrees or not set(self.degrees) <= set(range(dim)):
            raise ValueError(f"degrees of a grid of dim {dim} are 0 to {dim - 1}, got {degrees}")
        if not min_persistence >= 0:
            raise ValueError(f"min_persistence must be a number >= 0, got {min_persistence!r}")
        if not radius > 0:
            raise ValueError(f"radius must be a number of grid steps > 0, got {radius!r}")
        if not reach > 0:
            raise ValueError(f"reach must be a number > 0, got {reach!r}")
        self.dim, self.superlevel, self.complex, self.essential = (
            dim,
            superlevel,
            complex,
            essential,
        )
        self.min_persistence, self.gradient, self.radius = min_persistence, gradient, radius
        self.reach = reach
        self.threads = threads

    def forward(self, fields: Tensor) -> DiagramBatch:
        """Compute the diagrams of a batch of fields, or of one.

        Args:
            fields: ``(B, ...)`` or, for one field, without B; float32 or float64, any device.

        Returns:
            The diagrams, on the fields' device and in their dtype.

        Raises:
            ValueError: for another number of dimensions, an empty field, or a value that is not
                finite.
            TypeError: for another dtype.
        """
        if fields.ndim == self.dim:
            fields = fields[None]
        if fields.ndim != self.dim + 1 or 0 in fields.shape[1:]:
            raise ValueError(
                f"fields have shape {tuple(fields.shape)}; a layer of dim {self.dim} takes "
                f"{self.dim} axes without zeros, with or without one for the batch before them"
            )
        if fields.dtype not in (torch.float32, torch.float64):
            raise TypeError(f"fields are {fields.dtype}; convert them with .float() or .double()")
        values = np.ascontiguousarray(fields.detach().cpu().numpy())
        pairs = self._pairs(values)
        if self.gradient == "gaussian":
            fields = SpreadOnGrid.apply(fields, self.radius)
        size = math.prod(values.shape[1:])
        item, degree, cells = (
            torch.from_numpy(np.ascontiguousarray(x)).to(fields.device)
            for x in (pairs.item, pairs.degree, pairs.vertices)
        )
        if self.gradient == "sets":
            from ..critical_sets.spreading import CriticalSets

            options = (self.superlevel, self.complex, self.reach, self.threads)
            points = CriticalSets.apply(fields, item, degree, cells, *options)
        else:
            flat = torch.from_numpy(pairs.vertices + pairs.item[:, None] * size)
            points = fields.reshape(-1)[flat.to(fields.device)]
        diagrams = DiagramBatch(
            points, item, degree, cells, count=len(fields), degrees=self.degrees[-1] + 1
        )
        if self.min_persistence > 0:
            diagrams = diagrams.chosen(diagrams.lengths().detach() >= self.min_persistence)
        return diagrams

    def _pairs(self, values: NDArray[np.floating]) -> BatchPairs:
        """Pair the critical vertices, with the whole range if that is asked for."""
        if self.dim == 3:
            pairs = self._pairs_in_space(values)
        else:
            images = values if self.dim == 2 else values[:, None]
            pairs = image_pairs(
                images,
                self.complex,
                superlevel=self.superlevel,
                degrees=self.degrees,
                threads=self.threads,
            )
        if pairs is None:
            raise _not_finite(values)
        if self.essential == "range" and 0 in self.degrees:
            return _with_ranges(values, pairs)
        return pairs

    def _pairs_in_space(self, values: NDArray[np.floating]) -> BatchPairs | None:
        """Pair the vertices of fields in space; None if a value is not finite."""
        from ..grids.engine import critical_pairs

        rising = list(values if self.superlevel else -values)
        found = critical_pairs(rising, self.complex, self.threads)
        finite = [pairs for pairs in found if pairs is not None]
        if len(finite) < len(found):
            return None
        parts = [pairs[k] for pairs in finite for k in self.degrees]
        sizes = [len(part) for part in parts]
        degree = np.repeat(np.tile(np.array(self.degrees, np.int64), len(values)), sizes)
        item = np.repeat(np.repeat(np.arange(len(values)), len(self.degrees)), sizes)
        vertices = np.concatenate([np.empty((0, 2), np.int64), *parts])
        vertices = vertices if self.superlevel else vertices[:, ::-1]
        flat = _flat(values)
        alive = flat[item, vertices[:, 0]] < flat[item, vertices[:, 1]]
        return BatchPairs(vertices[alive], item[alive], degree[alive])

    def extra_repr(self) -> str:
        """Show the options when the module is printed."""
        names = ("dim", "superlevel", "complex", "degrees", "essential", "min_persistence")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in (*names, "gradient"))


def _flat(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return ``(B, vertices)`` values, of no fields as well."""
    return values.reshape(len(values), math.prod(values.shape[1:]))


def _with_ranges(values: NDArray[np.floating], pairs: BatchPairs) -> BatchPairs:
    """Add the point (minimum, maximum) of every field that is not constant, before its others."""
    flat = _flat(values)
    ends = np.stack([flat.argmin(axis=1), flat.argmax(axis=1)], axis=1)
    items = np.flatnonzero(np.diff(np.take_along_axis(flat, ends, axis=1), axis=1)[:, 0])
    item = np.concatenate([items, pairs.item])
    order = np.argsort(item, kind="stable")
    return BatchPairs(
        np.concatenate([ends[items], pairs.vertices])[order],
        item[order],
        np.concatenate([np.zeros_like(items), pairs.degree])[order],
    )


def _require(option: str, value: object, allowed: tuple[object, ...]) -> None:
    """Refuse an unknown value of an option."""
    if value not in allowed:
        raise ValueError(f"{option} must be one of {', '.join(map(str, allowed))}; got {value!r}")


def _not_finite(values: NDArray[np.floating]) -> ValueError:
    """Describe the first value that is not finite."""
    bad = np.argwhere(~np.isfinite(values))
    item, *place = bad[0].tolist()
    return ValueError(
        f"item {item} of the batch holds {values[tuple(bad[0])]} at index {tuple(place)}, and "
        f"{len(bad)} values are not finite; persistence needs finite values"
    )
