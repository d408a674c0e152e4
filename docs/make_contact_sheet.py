"""Draw a contact sheet of procedural furniture.

python docs/make_contact_sheet.py chair docs/pictures/furniture_chair.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from toposhape.publication.pictures.grid import picture_grid
from toposhape.publication.pictures.rendering import render
from toposhape.shapes.furniture import CATEGORIES, FurnitureShape, make_shape


def normalised(vertices: np.ndarray) -> np.ndarray:
    """Vertices (V, 3) moved and scaled into the frame of shapes: all within 1 / 1.03."""
    centred = vertices - (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    return centred / (1.03 * np.linalg.norm(centred, axis=1).max())


def picture(shape: FurnitureShape, pixels: int) -> np.ndarray:
    """One shape, uint8 (pixels, pixels, 3)."""
    vertices = normalised(shape.vertices)
    return render(vertices, shape.faces, size=(pixels, pixels), supersampling=3)


def main() -> None:
    """Read the command line, draw the sheet and save it with few colours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("category", choices=CATEGORIES)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=6)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--pixels", type=int, default=170, help="width and height of one picture")
    given = parser.parse_args()
    images = [
        picture(make_shape(given.category, given.seed, index), given.pixels)
        for index in range(given.rows * given.columns)
    ]
    sheet = Image.fromarray(picture_grid(images, given.rows, given.columns))
    colours = sheet.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    colours.save(given.output, optimize=True)


if __name__ == "__main__":
    main()
