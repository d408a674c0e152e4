"""Sheets of pictures in rows and columns, with labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["picture_grid"]


def picture_grid(
    images: Sequence[ArrayLike],
    rows: int,
    cols: int,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    *,
    gap: int = 4,
    font_size: int = 16,
) -> NDArray[np.uint8]:
    """Set pictures of one size out in rows and columns on white, with labels.

    Args:
        images: Up to rows * cols pictures, uint8 (h, w, 3), row by row; missing ones stay white.
        rows: Number of rows.
        cols: Number of columns.
        row_labels: Written left of each row, or empty.
        column_labels: Written above each column, or empty.
        gap: White pixels between pictures.
        font_size: Of the labels, in pixels.

    Returns:
        The sheet, uint8 (H, W, 3).

    Raises:
        ValueError: For no or too many pictures, pictures of unequal size, or labels whose number
            is neither zero nor that of their rows or columns.
    """
    tiles = [np.asarray(image, dtype=np.uint8) for image in images]
    if not 0 < len(tiles) <= rows * cols:
        raise ValueError(f"{len(tiles)} pictures for a grid of {rows} x {cols}; give 1 to all")
    if len({tile.shape for tile in tiles}) != 1:
        raise ValueError("the pictures of a grid must have one size; render them with one `size`")
    if len(row_labels) not in (0, rows) or len(column_labels) not in (0, cols):
        raise ValueError(f"give no labels or {rows} for the rows and {cols} for the columns")
    height, width = tiles[0].shape[:2]
    font = ImageFont.truetype(
        Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", font_size
    )
    left = max((round(font.getlength(text)) for text in row_labels), default=-font_size) + font_size
    top = 2 * font_size if column_labels else 0
    extent = (left + cols * (width + gap) - gap, top + rows * (height + gap) - gap)
    sheet = Image.new("RGB", extent, "white")
    for place, tile in enumerate(tiles):
        corner = (left + place % cols * (width + gap), top + place // cols * (height + gap))
        sheet.paste(Image.fromarray(tile), corner)
    _write_labels(
        ImageDraw.Draw(sheet), font, (left, top), (width, height), gap, row_labels, column_labels
    )
    return np.asarray(sheet)


def _write_labels(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    origin: tuple[int, int],
    tile: tuple[int, int],
    gap: int,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
) -> None:
    """Rows' labels right-aligned against the pictures, columns' labels centred above them."""
    (left, top), (width, height) = origin, tile
    for row, text in enumerate(row_labels):
        middle = top + row * (height + gap) + height / 2
        pen.text((left - font.size / 2, middle), text, "black", font, anchor="rm")
    for column, text in enumerate(column_labels):
        middle = left + column * (width + gap) + width / 2
        pen.text((middle, top / 2), text, "black", font, anchor="mm")
