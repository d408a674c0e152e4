"""From networks to surfaces."""

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.implicit.fields import evaluate_on_grid
from toposhape.shapes.surfaces import extract_surface

TOLERANCE = 0.2
"""Of coarse to fine: vertices near the surface are always evaluated."""


def surface_field(network: ImplicitDecoder, resolution: int) -> NDArray[np.float32]:
    """Values of f on the grid of [-1, 1]^3, negative inside.

    Without normals nothing says which side is which: the one that most of the box's faces lie on
    is outside.

    Args:
        network: f.
        resolution: R.

    Returns:
        (R, R, R).
    """
    field = evaluate_on_grid(network, torch.zeros(1, 1), resolution, tolerance=TOLERANCE)[0]
    faces = np.concatenate([field[[0, -1]].ravel(), field[:, [0, -1]].ravel()])
    outward: NDArray[np.float32] = -field if np.median(faces) < 0 else field
    return outward


def closed_surface(field: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The boundary of {f < 0} within the box, closed where the solid reaches the box's faces.

    Args:
        field: (R, R, R), negative inside.

    Returns:
        Vertices (V, 3) in the shape frame, faces (F, 3), oriented outwards.
    """
    closed = field.copy()
    step = np.float32(2 / (len(field) - 1))
    for axis in range(3):
        ends = np.moveaxis(closed, axis, 0)
        ends[[0, -1]] = np.maximum(ends[[0, -1]], step)
    return extract_surface(closed)
