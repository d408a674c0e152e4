"""From a dense cloud on a surface to a signed distance, without normals: the outer sheet.

The paper's surface is a level set of the distance to the cloud, which has two sheets, one on each
side of the true surface. Flooded from outside, only the outer one is reached; its exact signed
distance, shifted back by the level, is negative inside. It closes gaps narrower than twice the
level and fills every cavity, so that no solid of it has Betti number 2.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from toposhape.shapes.grids import grid_points
from toposhape.shapes.neighbours import outliers
from toposhape.shapes.surfaces import extract_surface

from ..redistance import signed_distance_of

GRID_STEPS = 0.9
"""Least level: between neighbouring vertices across a thinner sheet nothing would stop a flood."""


def outer_sheet(
    cloud: ArrayLike,
    resolution: int,
    offset: float,
    neighbours: int = 1,
    outlier_factor: float = 0.0,
) -> NDArray[np.float32]:
    """Signed distance of the solid whose surface a dense cloud covers.

    Args:
        cloud: (P, 3) in the shape frame. Through a hole of a larger radius than `offset` the flood
            leaks in, and what it reaches is no solid (`bare_share` tells).
        resolution: R of the field.
        offset: delta, of the sheet from the surface; at least GRID_STEPS grid steps are taken.
        neighbours: nearest points whose root mean square distance counts, less what it is at the
            cloud's own points.
        outlier_factor: points whose 8th neighbour is farther than so many medians are left out:
            each would be a piece, or a bridge between two, of the sheet's radius; 0: none.

    Returns:
        (R, R, R) on the grid of [-1, 1]^3, negative inside; without negative values where all has
        leaked.

    Raises:
        ValueError: if the cloud has another form, fewer points than `neighbours`, or a coordinate
            that is not finite.
    """
    points = _checked(cloud, neighbours)
    points = points[~outliers(points, outlier_factor)]
    level = max(offset, GRID_STEPS * 2 / (resolution - 1))
    distances = _distances(points, resolution, neighbours)
    solid = ~_flooded(distances > level)
    beyond = np.abs(distances - level)  # of the sheet, nearly, on both of its sides
    sheet = signed_distance_of(np.where(solid, beyond, -beyond).astype(np.float32))
    return sheet + np.float32(level)


def bare_share(cloud: ArrayLike, field: NDArray[np.float32], reach: float) -> float:
    """Share of a cloud's points without a surface of the field nearby: about 0 without leaks.

    Args:
        cloud: (P, 3).
        field: of `outer_sheet`.
        reach: how near a vertex of the surface must be; two grid steps and more.
    """
    vertices, faces = extract_surface(field)
    if len(faces) == 0:
        return 1.0
    nearest, _ = cKDTree(vertices).query(np.asarray(cloud))
    return float((nearest > reach).mean())


def _distances(
    points: NDArray[np.float64], resolution: int, neighbours: int
) -> NDArray[np.float64]:
    """Distance of each vertex to the cloud; about 0 on it also where several neighbours count."""
    tree = cKDTree(points)
    found, _ = tree.query(grid_points(resolution), k=neighbours)
    if neighbours > 1:
        among_themselves, _ = tree.query(points, k=neighbours)
        spread = np.median((among_themselves**2).mean(axis=-1))
        found = np.sqrt(np.maximum((found**2).mean(axis=-1) - spread, 0))
    grid: NDArray[np.float64] = found.reshape((resolution,) * 3)
    return grid


def _flooded(free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Free vertices that a path along edges of the grid joins to the box's border."""
    labels, _ = ndimage.label(free)
    faces = [np.take(labels, end, axis=axis).ravel() for axis in range(3) for end in (0, -1)]
    reached = np.unique(np.concatenate(faces))
    return np.isin(labels, reached[reached > 0])


def _checked(cloud: ArrayLike, neighbours: int) -> NDArray[np.float64]:
    points = np.asarray(cloud, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) < neighbours:
        raise ValueError(
            f"the cloud has the form {points.shape}; (P, 3) with {neighbours} points or more is "
            "needed"
        )
    if not (good := np.isfinite(points).all(axis=1)).all():
        row = int(np.argmin(good))
        raise ValueError(f"point {row} of the cloud is {points[row].tolist()}, not finite")
    return points
