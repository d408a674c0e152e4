"""DeepSDF's normalisation: the shape frame."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Up = Literal["x", "y", "z", "-x", "-y", "-z"]

MARGIN = 1.03
"""Largest vertex norm times this is 1 (DeepSDF, PreprocessMesh.cpp)."""

_UPRIGHT = {
    "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "-y": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
    "z": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "-z": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    "x": [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    "-x": [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
}


class Transform(NamedTuple):
    """How a mesh came into the shape frame: ``normalised = (upright - offset) * scale``."""

    scale: float
    offset: NDArray[np.float64]

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Upright points, shape (..., 3), in the shape frame."""
        return (points - self.offset) * self.scale

    def invert(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points of the shape frame, shape (..., 3), in the mesh's own units, upright."""
        return points / self.scale + self.offset


def turn_upright(vertices: NDArray[np.floating], up: Up) -> NDArray[np.float64]:
    """Rotate such that the axis `up` becomes +y; vertices of shape (n, 3).

    Raises:
        ValueError: for an unknown axis.
    """
    if up not in _UPRIGHT:
        raise ValueError(f"up is {up!r}: it must be one of {', '.join(_UPRIGHT)}")
    return np.asarray(vertices, dtype=np.float64) @ np.array(_UPRIGHT[up], dtype=np.float64).T


def normalising_transform(vertices: NDArray[np.floating]) -> Transform:
    """Bounding-box centre to the origin, largest vertex norm to 1 / 1.03.

    Args:
        vertices: upright, finite, shape (n, 3), not all in one point.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    offset = low + (high - low) / 2
    centred = vertices - offset
    largest = np.abs(centred).max()
    radius = largest * np.linalg.norm(centred / largest, axis=1).max()
    return Transform(scale=float(1 / (MARGIN * radius)), offset=offset)
