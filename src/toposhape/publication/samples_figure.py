"""Pictures of shapes in rows by method, like the paper's figure 4."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .picture_grid import picture_grid
from .rendering import CLAY, render

LOOSE = (0.85, 0.24, 0.16)
"""Colour of pieces that hang together with nothing."""


class Mesh(NamedTuple):
    """A surface in the shape frame: vertices (V, 3), faces (F, 3), outwards."""

    vertices: NDArray[np.floating]
    faces: NDArray[np.integer]


def samples_sheet(rows: Mapping[str, Sequence[Mesh]], pixels: int = 320) -> NDArray[np.uint8]:
    """Render rows of shapes, loose pieces in red.

    Args:
        rows: label of each row and its shapes; rows may have different lengths.
        pixels: width and height of a shape.

    Returns:
        The sheet, uint8 (H, W, 3).

    Raises:
        ValueError: if there is no shape at all.
    """
    columns = max((len(meshes) for meshes in rows.values()), default=0)
    if columns == 0:
        raise ValueError("there is no shape to draw")
    blank = np.full((pixels, pixels, 3), 255, np.uint8)
    pictures = []
    for meshes in rows.values():
        pictures += [picture(mesh, pixels) for mesh in meshes]
        pictures += [blank] * (columns - len(meshes))
    font = max(12, round(pixels / 16))
    return picture_grid(pictures, len(rows), columns, list(rows), font_size=font, gap=pixels // 40)


def picture(mesh: Mesh, pixels: int) -> NDArray[np.uint8]:
    """Render one shape, loose pieces in red; the word "empty" if there is no surface."""
    if len(mesh.faces) == 0:
        image = Image.new("RGB", (pixels, pixels), "white")
        middle = (pixels / 2, pixels / 2)
        ImageDraw.Draw(image).text(middle, "empty", "#66707d", anchor="mm", font_size=pixels // 16)
        return np.asarray(image)
    return render(mesh.vertices, mesh.faces, size=(pixels, pixels), colours=piece_colours(mesh))


def piece_colours(mesh: Mesh) -> NDArray[np.float64]:
    """A colour for each face (F, 3): clay, and `LOOSE` for every piece but the largest.

    A surface that encloses a negative volume is the wall of a cavity, not a piece.
    """
    piece = piece_of_faces(mesh.faces, len(mesh.vertices))
    corners = np.asarray(mesh.vertices, np.float64)[mesh.faces]
    cones = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    volume = np.bincount(piece, cones)
    loose = volume > 0
    loose[volume.argmax()] = False
    return np.where(loose[piece][:, None], LOOSE, CLAY)


def piece_of_faces(faces: NDArray[np.integer], vertices: int) -> NDArray[np.int64]:
    """The number of the connected piece of surface that each face belongs to, (F,)."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    ones = np.ones(len(edges), np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(vertices, vertices))
    _, of_vertex = connected_components(graph, directed=False)
    return np.unique(of_vertex[faces[:, 0]], return_inverse=True)[1]


def read_meshes(paths: Iterable[str | Path]) -> list[Mesh]:
    """Read mesh files as the pipeline wrote them; an empty mesh gives one without faces."""
    meshes = []
    for path in paths:
        mesh = trimesh.load(path, force="mesh", process=False)
        vertices = np.asarray(mesh.vertices, np.float32).reshape(-1, 3)
        meshes.append(Mesh(vertices, np.asarray(mesh.faces, np.int64).reshape(-1, 3)))
    return meshes


def save_sheet(sheet: NDArray[np.uint8], png: str | Path, pdf: str | Path) -> None:
    """Write a sheet of pictures as PNG and as a one-page PDF (200 pixels per inch)."""
    image = Image.fromarray(sheet)
    image.save(png, optimize=True)
    image.save(pdf, resolution=200, quality=95)
