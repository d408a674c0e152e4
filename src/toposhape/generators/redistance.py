"""From occupancy to signed distance."""

import igl
import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.fine_grids import fill_distances
from toposhape.shapes.surfaces import extract_surface

NOWHERE = 2 * np.sqrt(3)  # the cube's diagonal: no distance within it is larger


def signed_distance_of(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signed distance of the solid {logit > 0}, to the mesh that marching cubes makes of it.

    Occupancy logits grow steeply at the surface and no further away, so that their diagrams are no
    diagrams of a distance. Here the magnitude is the distance to the mesh of the zero level set,
    and the sign is the logit's own. It is exact within a spacing of the surface and where critical
    points may lie, and interpolated elsewhere (`shapes.fine_grids`).

    Args:
        logits: (R, R, R) on the grid, positive inside.

    Returns:
        (R, R, R), negative inside. Without a surface the distance is NOWHERE everywhere.

    Raises:
        ValueError: if a logit is not finite.
    """
    vertices, faces = extract_surface(-logits)
    if len(faces) == 0:
        far: NDArray[np.float32] = np.where(logits > 0, -NOWHERE, NOWHERE).astype(np.float32)
        return far
    vertices = vertices.astype(np.float64)
    inside = logits > 0
    resolution = len(logits)

    def evaluate(points: NDArray[np.float64], _: NDArray[np.float64]) -> NDArray[np.float64]:
        squared, _, _ = igl.point_mesh_squared_distance(points, vertices, faces)
        place = np.rint((points + 1) * (resolution - 1) / 2).astype(np.int64)
        beyond = (place >= resolution).any(axis=1)  # where coarse lattices end
        sign = np.where(inside[tuple(np.minimum(place, resolution - 1).T)] & ~beyond, -1.0, 1.0)
        distances: NDArray[np.float64] = sign * np.sqrt(squared)
        return distances

    return fill_distances(evaluate, resolution).astype(np.float32)
