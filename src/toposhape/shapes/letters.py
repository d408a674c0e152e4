"""Outlines of letters as points of the plane: shapes of two dimensions that need no download."""

from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .normalisation import MARGIN

STYLES = {
    "sans": {"family": "DejaVu Sans"},
    "bold": {"family": "DejaVu Sans", "weight": "bold"},
    "serif": {"family": "DejaVu Serif"},
    "mono": {"family": "DejaVu Sans Mono"},
}
"""Fonts that come with matplotlib."""
HELD_OUT = 13  # every so manieth letter of a style is for testing, others in each


def letter_clouds(points: int, seed: int) -> dict[str, NDArray[np.float32]]:
    """Points on the outlines of the capital letters in all styles.

    Args:
        points: of a letter.
        seed: of the draw.

    Returns:
        (points, 2) by names as "A sans", uniform by length, the box's centre at the origin and its
        farthest point at 1 / 1.03.
    """
    return {
        f"{letter} {style}": _outline(letter, STYLES[style], points, [seed, i, j])
        for j, style in enumerate(STYLES)
        for i, letter in enumerate(ascii_uppercase)
    }


def split_letters() -> tuple[list[str], list[str]]:
    """Names of the letters to learn from, and of those that are held out."""
    learned: list[str] = []
    held_out: list[str] = []
    for j, style in enumerate(STYLES):
        for i, letter in enumerate(ascii_uppercase):
            part = held_out if (i + 3 * j) % HELD_OUT == 0 else learned
            part.append(f"{letter} {style}")
    return learned, held_out


def _outline(
    letter: str, font: dict[str, Any], points: int, seed: list[int]
) -> NDArray[np.float32]:
    from matplotlib.font_manager import FontProperties  # slow to import
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), letter, size=100, prop=FontProperties(**font))
    polygons = [np.asarray(each) for each in path.to_polygons(closed_only=True)]
    starts = np.concatenate([polygon[:-1] for polygon in polygons])
    steps = np.concatenate([np.diff(polygon, axis=0) for polygon in polygons])
    lengths = np.linalg.norm(steps, axis=1)
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(steps), points, p=lengths / lengths.sum())
    drawn = starts[chosen] + rng.random((points, 1)) * steps[chosen]
    centre = (starts.min(axis=0) + starts.max(axis=0)) / 2
    farthest = np.linalg.norm(starts - centre, axis=1).max()
    outline: NDArray[np.float32] = ((drawn - centre) / (MARGIN * farthest)).astype(np.float32)
    return outline
