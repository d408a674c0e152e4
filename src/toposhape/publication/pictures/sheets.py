"""Sheets of pictures of shapes, like the paper's figures 1 and 4."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .grid import picture_grid

Picture = NDArray[np.uint8]
"""(h, w, 3); all pictures of a sheet have one size."""

LETTERS = 11  # a picture's height over that of a heading's letters


def samples_sheet(rows: Mapping[str, Sequence[Picture]]) -> Picture:
    """A labelled row of pictures for each method; rows may have different lengths.

    Raises:
        ValueError: if there is no picture at all.
    """
    columns = max((len(pictures) for pictures in rows.values()), default=0)
    if columns == 0:
        raise ValueError("there is no shape to draw")
    first = next(picture for pictures in rows.values() for picture in pictures)
    blank = np.full_like(first, 255)
    pictures = [p for row in rows.values() for p in [*row, *[blank] * (columns - len(row))]]
    pixels = len(first)
    return picture_grid(
        pictures, len(rows), columns, list(rows), font_size=_letters(pixels), gap=pixels // 40
    )


def overview_sheet(blocks: Mapping[str, Sequence[Picture]]) -> Picture:
    """Figure 1: a square of pictures under each heading, equally many in all."""
    columns = max(1, int(np.sqrt(max(len(pictures) for pictures in blocks.values()))))
    return side_by_side(
        {
            heading: picture_grid(pictures, -(-len(pictures) // columns), columns)
            for heading, pictures in blocks.items()
        },
        len(next(iter(blocks.values()))[0]),
    )


def comparison_sheet(categories: Mapping[str, Mapping[str, Sequence[Picture]]]) -> Picture:
    """Figure 4: a row for each method, a block of columns for each category.

    Args:
        categories: for each category the pictures of every method, in the rows' order; equally
            many in all.
    """
    blocks: dict[str, Picture] = {}
    for category, methods in categories.items():
        columns = max(len(pictures) for pictures in methods.values())
        pictures = [picture for row in methods.values() for picture in row]
        pixels = len(pictures[0])
        labels = list(methods) if not blocks else []
        blocks[category] = picture_grid(
            pictures, len(methods), columns, labels, font_size=_letters(pixels)
        )
    return side_by_side(blocks, pixels)


def side_by_side(sheets: Mapping[str, Picture], pixels: int) -> Picture:
    """Set sheets of equal height beside each other, each under its heading.

    Args:
        sheets: by heading, uint8 (h, w, 3).
        pixels: height of a shape's picture; headings and gaps are in proportion. A heading that
            is wider than its sheet takes several lines.
    """
    size = _letters(pixels)
    font = ImageFont.truetype(
        Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", size
    )
    lines = [_wrapped(heading, font, sheet.shape[1]) for heading, sheet in sheets.items()]
    gap, line = pixels // 4, round(1.25 * size)
    top = 2 * size + (max(map(len, lines)) - 1) * line
    width = sum(sheet.shape[1] for sheet in sheets.values()) + gap * (len(sheets) - 1)
    height = top + max(sheet.shape[0] for sheet in sheets.values())
    canvas = Image.new("RGB", (width, height), "white")
    pen, left = ImageDraw.Draw(canvas), 0
    for heading, sheet in zip(lines, sheets.values(), strict=True):
        canvas.paste(Image.fromarray(sheet), (left, top))
        for i, words in enumerate(heading):
            middle = left + sheet.shape[1] / 2, size + i * line
            pen.text(middle, words, "black", font, anchor="mm")
        left += sheet.shape[1] + gap
    return np.asarray(canvas)


def save_sheet(sheet: Picture, png: str | Path, pdf: str | Path) -> None:
    """Write a sheet of pictures as PNG and as a one-page PDF (200 pixels per inch)."""
    image = Image.fromarray(sheet)
    image.save(png)
    image.save(pdf, resolution=200, quality=95)


def _letters(pixels: int) -> int:
    return max(12, round(pixels / LETTERS))


def _wrapped(heading: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The heading's words in lines of at most so many pixels, if single words are no longer."""
    lines: list[str] = []
    for word in heading.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
