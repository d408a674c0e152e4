"""A scan, what each method makes of it, and how far that is from the truth, in colour."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from ..colours import TRUTH
from .grid import picture_grid
from .pictures import picture
from .pieces import Mesh
from .rendering import render

LARGEST_ERROR = 1.5
"""Units of the table: what is farther has the last colour."""
SHOWN_POINTS = 8000
POINT_SIZE = 0.006
"""Radius of a point [normalised units]."""

Picture = NDArray[np.uint8]


def scan_sheet(
    points: NDArray[np.float32],
    truth: Mesh | None,
    surfaces: Mapping[str, tuple[Mesh, NDArray[np.float64]]],
    pixels: int,
) -> Picture:
    """Two rows: the scan and each surface; the truth and each surface by its errors.

    Args:
        points: (n, 3) of the scan, in the shape frame.
        truth: the true surface, if it is known as a mesh.
        surfaces: by method, in the shape frame, with the error of each face [units of the table].
        pixels: width and height of a picture.
    """
    upper = [picture_of_points(points, pixels)]
    lower = [np.full_like(upper[0], 255) if truth is None else picture(truth, pixels)]
    for mesh, errors in surfaces.values():
        upper.append(picture(mesh, pixels))
        lower.append(error_picture(mesh, errors, pixels))
    below = (
        f"error, 0 to {LARGEST_ERROR:g}"
        if truth is None
        else f"truth; error, 0 to {LARGEST_ERROR:g}"
    )
    return picture_grid(
        [*upper, *lower], 2, len(upper), ["", below], ["scan", *surfaces], font_size=pixels // 22
    )


def error_picture(mesh: Mesh, errors: NDArray[np.float64], pixels: int) -> Picture:
    """A surface whose faces have the colour of their error; without faces the word "empty"."""
    if len(mesh.faces) == 0:
        return picture(mesh, pixels)
    shades = mpl.colormaps["viridis"](np.clip(errors / LARGEST_ERROR, 0, 1))[:, :3]
    return render(mesh.vertices, mesh.faces, size=(pixels, pixels), colours=shades)


def picture_of_points(points: NDArray[np.float32], pixels: int) -> Picture:
    """Points as small octahedra, at most `SHOWN_POINTS` of them, evenly by their order."""
    step = max(1, len(points) // SHOWN_POINTS)
    chosen = points[::step]
    corners = POINT_SIZE * np.concatenate([np.eye(3), -np.eye(3)])
    around = np.array([[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2]])
    faces = np.concatenate([around, np.where(around == 2, 5, around)[:, ::-1]])
    vertices = (chosen[:, None] + corners).reshape(-1, 3)
    number = 6 * np.arange(len(chosen))[:, None, None]
    colour = mpl.colors.to_rgb(TRUTH)
    return render(vertices, (faces + number).reshape(-1, 3), size=(pixels, pixels), colours=colour)
