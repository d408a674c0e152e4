"""Signed distance on the grid of [-1, 1]^3."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .orientation import Vertices
from .signed_distance import Solid, closest_on


@dataclass(frozen=True)
class Grid:
    """A shape's signed distance at the grid's vertices."""

    values: NDArray[np.float32]
    """Shape (R, R, R), index [i, j, k] is x, y, z; negative inside."""

    def known_outside(self, points: Vertices) -> NDArray[np.bool_]:
        """Points, shape (n, 3), that lie in the free ball around an outside vertex of the grid.

        A vertex at distance d > 0 has no surface within d; an interpolated d may be too large by a
        part of a spacing. Where the mesh is open the sign may change away from the surface. So this
        is for discarding points, not for labelling them.
        """
        resolution = len(self.values)
        step = 2 / (resolution - 1)
        index = np.rint((points + 1) / step).astype(np.int64)
        index = np.clip(index, 0, resolution - 1)
        away = np.linalg.norm(points - (index * step - 1), axis=1)
        outside: NDArray[np.bool_] = (
            self.values[index[:, 0], index[:, 1], index[:, 2]] > away + step / 2
        )
        return outside


def grid_points(resolution: int) -> Vertices:
    """Vertices of the grid of [-1, 1]^3, shape (resolution^3, 3), in C order of [i, j, k]."""
    axis = np.linspace(-1, 1, resolution)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def signed_distance_grid(solid: Solid, resolution: int) -> Grid:
    """Signed distance at the vertices of the grid of [-1, 1]^3."""
    points = grid_points(resolution)
    distance = np.full(len(points), np.inf)
    if len(solid.separating):
        distance, nearest, face = closest_on(solid.separating, points)

        def is_inside(where: NDArray[np.bool_]) -> NDArray[np.bool_]:
            return solid.is_inside(points[where], nearest[where], face[where])

        distance[_inside_grid(distance, resolution, is_inside)] *= -1
    values = solid.with_thickened(points, distance)
    return Grid(values.reshape((resolution,) * 3).astype(np.float32))


def _inside_grid(
    distance: NDArray[np.float64],
    resolution: int,
    is_inside: Callable[[NDArray[np.bool_]], NDArray[np.bool_]],
) -> NDArray[np.bool_]:
    """Which vertices are inside, with few winding numbers; shape (R^3,).

    An edge of the grid whose ends are farther than half a step from the surface does not cross
    it, so vertices that hang together by such edges form regions without surface. There the
    winding number is harmonic: its extremes lie at the region's rim (infinity, where it is 0,
    included). If the rim is on one side of 1/2, so is the region; if not, for instance where a
    mesh is open, all of the region is evaluated.
    """
    far = (distance > 1 / (resolution - 1)).reshape((resolution,) * 3)
    region, count = ndimage.label(far)
    region = region.reshape(-1)
    rim = ndimage.binary_dilation(~far, np.ones((3, 3, 3))).reshape(-1)
    inside = np.zeros(len(distance), dtype=bool)
    inside[rim] = is_inside(rim)
    inner = np.bincount(region[rim & inside], minlength=count + 1)
    outer = np.bincount(region[rim & ~inside], minlength=count + 1)
    wholly_inside = (inner > 0) & (outer == 0)
    mixed = (inner > 0) & (outer > 0)
    wholly_inside[0] = mixed[0] = False  # the vertices near the surface are no region
    inside |= wholly_inside[region]
    rest = mixed[region] & ~rim
    inside[rest] = is_inside(rest)
    return inside
