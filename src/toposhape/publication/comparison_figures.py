"""Blocks of shapes side by side: the paper's figure 1 and figure 4."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .picture_grid import picture_grid
from .samples_figure import Mesh, picture

HEADING = 14  # a heading's height is a picture's height over this


def overview_sheet(blocks: Mapping[str, Sequence[Mesh]], pixels: int) -> NDArray[np.uint8]:
    """Figure 1: a square of shapes for each heading, loose pieces in red.

    Args:
        blocks: heading of each block and its shapes, equally many in all.
        pixels: width and height of a shape.

    Returns:
        The sheet, uint8 (H, W, 3).
    """
    columns = max(1, int(np.sqrt(max(len(meshes) for meshes in blocks.values()))))
    return side_by_side(
        {
            heading: picture_grid(
                [picture(mesh, pixels) for mesh in meshes], -(-len(meshes) // columns), columns
            )
            for heading, meshes in blocks.items()
        },
        pixels,
    )


def comparison_sheet(
    categories: Mapping[str, Mapping[str, Sequence[Mesh]]], pixels: int
) -> NDArray[np.uint8]:
    """Figure 4: a row for each method, a block of columns for each category.

    Args:
        categories: for each category the shapes of every method, in the rows' order; equally many
            in all.
        pixels: width and height of a shape.

    Returns:
        The sheet, uint8 (H, W, 3).
    """
    blocks = {}
    for category, methods in categories.items():
        columns = max(len(meshes) for meshes in methods.values())
        pictures = [picture(mesh, pixels) for meshes in methods.values() for mesh in meshes]
        labels = list(methods) if not blocks else []
        blocks[category] = picture_grid(
            pictures, len(methods), columns, labels, font_size=max(12, pixels // HEADING)
        )
    return side_by_side(blocks, pixels)


def side_by_side(sheets: Mapping[str, NDArray[np.uint8]], pixels: int) -> NDArray[np.uint8]:
    """Set sheets of equal height beside each other, each under its heading.

    Args:
        sheets: by heading, uint8 (h, w, 3).
        pixels: of a shape; headings and gaps are in proportion.
    """
    size = max(12, pixels // HEADING)
    font = ImageFont.truetype(
        Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", size
    )
    gap, top = pixels // 4, 2 * size
    width = sum(sheet.shape[1] for sheet in sheets.values()) + gap * (len(sheets) - 1)
    height = top + max(sheet.shape[0] for sheet in sheets.values())
    canvas = Image.new("RGB", (width, height), "white")
    pen, left = ImageDraw.Draw(canvas), 0
    for heading, sheet in sheets.items():
        canvas.paste(Image.fromarray(sheet), (left, top))
        pen.text((left + sheet.shape[1] / 2, size), heading, "black", font, anchor="mm")
        left += sheet.shape[1] + gap
    return np.asarray(canvas)
