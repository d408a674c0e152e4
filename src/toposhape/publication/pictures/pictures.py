"""What sheets and the gallery show of a shape, made once: a picture and a small mesh."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..gallery.encoding import pack_mesh, simplified
from .pieces import Mesh, piece_colours, read_meshes
from .portraits import Portrait, write_portraits
from .rendering import render


def portray(mesh: Mesh, pixels: int) -> Portrait:
    """A shape's picture, `pixels` wide and high, and its mesh with fewer faces, as text."""
    return Portrait(picture(mesh, pixels), pack_mesh(simplified(mesh)))


def picture(mesh: Mesh, pixels: int) -> NDArray[np.uint8]:
    """Render one shape, loose pieces in red; the word "empty" if there is no surface."""
    if len(mesh.faces) == 0:
        image = Image.new("RGB", (pixels, pixels), "white")
        middle = (pixels / 2, pixels / 2)
        ImageDraw.Draw(image).text(middle, "empty", "#66707d", anchor="mm", font_size=pixels // 16)
        return np.asarray(image)
    return render(mesh.vertices, mesh.faces, size=(pixels, pixels), colours=piece_colours(mesh))


def portray_files(meshes: Iterable[str | Path], folder: str | Path, pixels: int) -> None:
    """Write a portrait of every mesh file into a folder, under the same name."""
    files = list(map(Path, meshes))
    portraits = (portray(mesh, pixels) for file in files for mesh in read_meshes([file]))
    write_portraits(folder, files, portraits)
