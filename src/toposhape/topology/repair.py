"""Repair of a solid given by a field: loose pieces are joined or taken away, false holes closed.

A point (death, birth) of degree 0 of the superlevel sets of g = -f with birth > 0 >= death is a
piece of the solid {f < 0} that hangs on nothing; its death vertex is the saddle across which it is
nearest to another piece, and f there is half of the gap. The bridge is a tube from one piece over
the saddle to the other. A piece that is too small, or too far away, is taken away by flattening g
to the saddle's value: the diagram loses that point and no other. A point of degree 1 with
death < 0 < birth is a handle, and f at its death vertex the radius of its hole.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .grids.persistence import superlevel_diagrams

STEPS = np.array(
    [
        (i, j, k)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        for k in (-1, 0, 1)
        if (i or j or k) and (min(i, j, k) >= 0 or max(i, j, k) <= 0)
    ]
)
"""To the 14 neighbours of a vertex in the Freudenthal triangulation."""


Kind = Literal["bridged", "removed", "filled", "left"]


class Change(NamedTuple):
    """Something that was done to a solid.

    Attributes:
        kind: what.
        place: (x, y, z) of the critical vertex, in the frame of the grid's box.
        size: of a bridge its length, of a piece its share of the volume, of a hole its radius.
    """

    kind: Kind
    place: tuple[float, float, float]
    size: float


@dataclass(frozen=True)
class Limits:
    """What repair may do; lengths in units of the box, whose half edge is 1.

    Attributes:
        gap: half of the widest gap that is bridged.
        crumb: share of the volume below which a loose piece is taken away, not joined.
        removed: share of the volume up to which a piece too far away is taken away; larger ones
            stay as they are.
        hole: radius below which the hole of a handle is closed; 0 closes none.
        rounds: how often the result is looked at again.
    """

    gap: float = 0.12
    crumb: float = 0.002
    removed: float = 0.05
    hole: float = 0.0
    rounds: int = 6


@dataclass(frozen=True, eq=False)
class Repaired:
    """A repaired field and all that was done to it.

    Attributes:
        field: (R, R, R) float32, negative inside.
        changes: in the order in which they were made.
        largest_change: of the field at any vertex where the solid changed.
    """

    field: NDArray[np.float32]
    changes: list[Change] = dataclasses.field(default_factory=list)
    largest_change: float = 0.0


def repair(
    distance: NDArray[np.float32], limits: Limits | None = None, *, mirrored: bool = False
) -> Repaired:
    """Join or remove loose pieces of the solid {f < 0}, and close small holes of handles.

    Args:
        distance: (R, R, R) signed distance on the grid of [-1, 1]^3, negative inside.
        limits: what may be done.
        mirrored: whether the field is one of |x|, y, z: then every change has its mirror image.

    Returns:
        The new field; where nothing is done its values are the given ones.

    Raises:
        ValueError: for a field that is no cube or not finite.

    Examples:
        >>> import numpy as np
        >>> x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 33)], indexing="ij")
        >>> balls = np.hypot(np.hypot(np.abs(x) - 0.4, y), z) - 0.35  # 0.1 apart
        >>> [change.kind for change in repair(balls.astype(np.float32)).changes]
        ['bridged']
    """
    limits = limits or Limits()
    if distance.ndim != 3 or len(set(distance.shape)) != 1:
        raise ValueError(f"a field has the shape (R, R, R), not {distance.shape}")
    work = _Work(np.array(distance, np.float32), limits, mirrored)
    for _ in range(limits.rounds):
        if not work.join_pieces() and not work.close_holes():
            break
    moved = np.abs(work.field - distance)[(work.field < 0) != (distance < 0)]
    return Repaired(work.field, work.changes, float(moved.max(initial=0.0)))


class _Work:
    """A field while it is repaired."""

    def __init__(self, distance: NDArray[np.float32], limits: Limits, mirrored: bool) -> None:
        self.field = distance
        self.limits = limits
        self.mirrored = mirrored
        self.changes: list[Change] = []
        self.spacing = 2 / (len(distance) - 1)
        self._hopeless: set[int] = set()

    def join_pieces(self) -> bool:
        """Do something about every loose piece; returns whether anything was done."""
        points, vertices = self._alive(0)
        before = len(self.changes)
        for (death, _), (saddle, top) in zip(points, vertices.tolist(), strict=True):
            if saddle not in self._hopeless:
                self._join(saddle, top, -float(death))
        return len(self.changes) > before

    def close_holes(self) -> bool:
        """Close the holes of handles that are smaller than the limit."""
        points, vertices = self._alive(1)
        small = -points[:, 0] < self.limits.hole
        for radius, vertex in zip(-points[small, 0], vertices[small, 0], strict=True):
            place = self._place(vertex)
            self._add_tube(place[None], float(radius) + 1.75 * self.spacing)
            self._note("filled", vertex, float(radius))
        return bool(small.any())

    def _alive(self, degree: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Points (death, birth) of a degree that are alive at 0, and their vertices."""
        (diagram,) = superlevel_diagrams([-self.field])
        points, vertices = diagram.points[degree], diagram.vertices[degree]
        alive = (points[:, 0] <= 0) & (points[:, 1] > 0)
        return points[alive], vertices[alive]

    def _join(self, saddle: int, top: int, half_gap: float) -> None:
        """Do something about the two hills, one with that top, that meet at a saddle.

        A hill may hold several pieces of the solid, whose own gaps are narrower.
        """
        hills, _ = ndimage.label(self.field < half_gap, _structure())
        own = int(hills.flat[top])
        others = {int(hills.flat[n]) for n in self._neighbours(saddle)} - {0, own}
        solid = self.field < 0
        sides = [np.isin(hills, list(side)) & solid for side in ({own} - {0}, others)]
        volumes = [np.count_nonzero(side) for side in sides]
        if not all(volumes):
            return  # joined or taken away in this round already
        share = min(volumes) / np.count_nonzero(solid)
        far = half_gap > self.limits.gap
        if share < (self.limits.removed if far else self.limits.crumb):
            gone = np.unique(hills[sides[int(np.argmin(volumes))]])
            where = np.isin(hills, gone)
            if self.mirrored:
                where |= where[::-1]
            self.field[where] = max(half_gap, float(np.finfo(np.float32).tiny))
            self._note("removed", saddle, share)
        elif far:
            self._hopeless.add(saddle)
            self._note("left", saddle, share)
        else:
            self._bridge(saddle, *(self._nearest(saddle, side) for side in sides))

    def _bridge(self, saddle: int, one: int, other: int) -> None:
        """Unite two pieces by a tube across a saddle, as thick as the thinner of them."""
        ways = [self._climb(one)[::-1], np.array([saddle]), self._climb(other)]
        line = self._places(np.concatenate(ways))
        depth = -float(max(self.field.flat[ways[0][0]], self.field.flat[ways[2][-1]]))
        self._add_tube(_smoothed(line), max(0.9 * self.spacing, min(depth, 2 * self.spacing)))
        gap = np.linalg.norm(self._place(one) - self._place(other))
        self._note("bridged", saddle, float(gap))

    def _nearest(self, vertex: int, among: NDArray[np.bool_]) -> int:
        """The nearest to a vertex among those of a mask."""
        found = np.flatnonzero(among)
        away = self._places(found) - self._place(vertex)
        return int(found[np.square(away).sum(axis=1).argmin()])

    def _climb(self, vertex: int) -> NDArray[np.int64]:
        """Steepest way up g from a vertex until it is two spacings deep, or at a top."""
        way = [vertex]
        while self.field.flat[way[-1]] > -2 * self.spacing:
            best = min(self._neighbours(way[-1]), key=lambda n: self.field.flat[n])
            if self.field.flat[best] >= self.field.flat[way[-1]]:
                break
            way.append(best)
        return np.array(way)

    def _neighbours(self, vertex: int) -> list[int]:
        place = np.array(np.unravel_index(vertex, self.field.shape)) + STEPS
        inside = ((place >= 0) & (place < len(self.field))).all(axis=1)
        found: list[int] = np.ravel_multi_index(tuple(place[inside].T), self.field.shape).tolist()
        return found

    def _add_tube(self, line: NDArray[np.float64], radius: float) -> None:
        """Unite the solid with all points within a radius of a polyline (or of one point)."""
        self._add_one_tube(line, radius)
        if self.mirrored:
            self._add_one_tube(line * (-1, 1, 1), radius)

    def _add_one_tube(self, line: NDArray[np.float64], radius: float) -> None:
        n, reach = len(self.field), radius + 2 * self.spacing
        low = np.floor((line.min(axis=0) - reach + 1) / self.spacing).astype(int).clip(0, n - 1)
        high = np.ceil((line.max(axis=0) + reach + 1) / self.spacing).astype(int).clip(0, n - 1)
        box = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        axes = [np.arange(a, b + 1) * self.spacing - 1 for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        tube = (_distance_to_line(points, line) - radius).astype(np.float32)
        self.field[box] = np.minimum(self.field[box], tube)

    def _places(self, vertices: NDArray[np.int64]) -> NDArray[np.float64]:
        indices = np.stack(np.unravel_index(vertices, self.field.shape), axis=-1)
        return indices.astype(np.float64) * self.spacing - 1

    def _place(self, vertex: int) -> NDArray[np.float64]:
        place: NDArray[np.float64] = self._places(np.array([vertex]))[0]
        return place

    def _note(self, kind: Kind, vertex: int, size: float) -> None:
        x, y, z = self._place(vertex).tolist()
        self.changes.append(Change(kind, (x, y, z), size))


def _structure() -> NDArray[np.bool_]:
    """Neighbours in the Freudenthal triangulation, for `ndimage.label`."""
    structure = np.zeros((3, 3, 3), bool)
    structure[1, 1, 1] = True
    structure[tuple((STEPS + 1).T)] = True
    return structure


def _smoothed(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """A way along the grid without its corners; its ends stay."""
    for _ in range(3):
        middle = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
        line = np.concatenate([line[:1], middle, line[-1:]])
    return line


def _distance_to_line(
    points: NDArray[np.float64], line: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances of points (..., 3) to a polyline (n, 3)."""
    nearest: NDArray[np.float64] = np.linalg.norm(points - line[0], axis=-1)
    for start, end in zip(line[:-1], line[1:], strict=True):
        along, to_points = end - start, points - start
        share = (to_points @ along / max(along @ along, 1e-12)).clip(0, 1)
        to_segment = np.linalg.norm(to_points - share[..., None] * along, axis=-1)
        nearest = np.minimum(nearest, to_segment)
    return nearest
