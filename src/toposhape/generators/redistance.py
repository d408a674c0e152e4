"""From occupancy to signed distance."""

import igl
import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.grids import grid_points
from toposhape.shapes.surfaces import extract_surface

NOWHERE = 2 * np.sqrt(3)  # the cube's diagonal: no distance within it is larger


def signed_distance_of(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signed distance of the solid {logit > 0}, exact to the mesh that marching cubes makes of it.

    Occupancy logits grow steeply at the surface and no further away, so that their diagrams are no
    diagrams of a distance. Here the magnitude is the distance to the mesh of the zero level set,
    and the sign is the logit's own.

    Args:
        logits: (R, R, R) on the grid, positive inside.

    Returns:
        (R, R, R), negative inside. Without a surface the distance is NOWHERE everywhere.

    Raises:
        ValueError: if a logit is not finite.
    """
    vertices, faces = extract_surface(-logits)
    if len(faces) == 0:
        distance = np.full(logits.size, NOWHERE)
    else:
        points = grid_points(len(logits))
        squared, _, _ = igl.point_mesh_squared_distance(points, vertices.astype(np.float64), faces)
        distance = np.sqrt(squared)
    signed = np.where(logits > 0, -1.0, 1.0) * distance.reshape(logits.shape)
    return signed.astype(np.float32)
