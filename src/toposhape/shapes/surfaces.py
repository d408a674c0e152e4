"""From fields on the grid to surfaces, and points on them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes


class Surface(NamedTuple):
    """Triangles, or points alone where there are no faces."""

    vertices: NDArray[np.floating]
    """Shape (v, 3)."""
    faces: NDArray[np.int64]
    """Shape (f, 3)."""


def extract_surface(
    field: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The zero level set of a field on the grid, by marching cubes, in the shape frame.

    Args:
        field: (R, R, R) signed distances, negative inside.

    Returns:
        Vertices (V, 3) and faces (F, 3), oriented outwards; both empty if the field has no sign
        change.

    Raises:
        ValueError: if the field is not finite.
    """
    if not np.isfinite(field).all():
        raise ValueError("the field holds values that are not finite: its generator is broken")
    if not field.min() < 0 < field.max():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64)
    step = 2 / (len(field) - 1)
    vertices, faces, _, _ = marching_cubes(field, 0.0, spacing=(step, step, step))
    return (vertices - 1).astype(np.float32), faces.astype(np.int64)


def surface_points(
    vertices: NDArray[np.float32], faces: NDArray[np.int64], count: int, seed: int
) -> NDArray[np.float32]:
    """Draw (count, 3) points uniformly by area; the origin for an empty mesh."""
    if len(faces) == 0:
        return np.zeros((count, 3), np.float32)
    import trimesh  # half a second, which scores of points need not wait

    mesh = trimesh.Trimesh(vertices, faces, process=False)
    points, _ = trimesh.sample.sample_surface(mesh, count, seed=seed)
    return np.asarray(points, np.float32)
