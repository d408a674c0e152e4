"""Surfaces of level sets of any volume, in the volume's own indices."""

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes


def level_surface(
    values: NDArray[np.floating], level: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The boundary of {values >= level}, closed where the set touches the volume's box.

    Args:
        values: (D, H, W), finite.
        level: of the set.

    Returns:
        Vertices (V, 3), where vertex [i, j, k] of the volume lies at (i, j, k), and faces (F, 3),
        oriented outwards; both empty if the set is empty.
    """
    heights = np.asarray(values, np.float64) - level
    if heights.max() < 0:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    outside = -max(float(np.abs(heights).max()), 1e-300)
    closed = np.pad(heights, 1, constant_values=outside)
    closed[closed == 0] = np.finfo(np.float64).tiny  # the level itself belongs to the set
    vertices, faces, _, _ = marching_cubes(closed, 0.0, gradient_direction="ascent")
    return vertices.astype(np.float64) - 1, faces.astype(np.int64)
