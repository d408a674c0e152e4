"""Boxes with room inside: drawers, chests, niches."""

from __future__ import annotations

import numpy as np
from manifold3d import Manifold
from numpy.typing import ArrayLike

from . import parts
from .body import Body
from .design import Design

__all__ = ["cells_between", "glue_carcass"]

FRONTS = {"closed": 5, "open in front": 2.5, "open through": 2.5}


def cells_between(
    low: ArrayLike, high: ArrayLike, cells: int, wall: float, *, stacked: bool = False
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split a box into equal cells with walls between them.

    Args:
        low: Lower corner (3,) of the inside, in metres.
        high: Upper corner.
        cells: How many, side by side along x, or one above the other.
        wall: Thickness of the walls between them.
        stacked: Whether they stand one above the other.

    Returns:
        Lower and upper corner of each cell.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    along = 1 if stacked else 0
    size = (high[along] - low[along] - (cells - 1) * wall) / cells
    corners = []
    for k in range(cells):
        near, far = low.copy(), high.copy()
        near[along] = low[along] + k * (size + wall)
        far[along] = near[along] + size
        corners.append((near, far))
    return corners


def glue_carcass(
    body: Body,
    design: Design,
    low: ArrayLike,
    high: ArrayLike,
    cells: int,
    wall: float,
    *,
    roof: float,
    stacked: bool = False,
    knobs: bool = True,
) -> None:
    """A box of cells under something: drawers are cavities, cells open through are handles.

    Args:
        body: What it hangs under or carries, met at one place.
        design: Draws once per shape how the cells close.
        low: Lower corner (3,) of the box, in metres.
        high: Upper corner.
        cells: Number of cells.
        wall: Thickness of the walls.
        roof: Thickness of the upper wall, with what it shares with the part above.
        stacked: Whether the cells stand one above the other.
        knobs: Whether closed cells have knobs in front.
    """
    known = design.choices.get("cells close")
    close = known or design.choice("cells close", FRONTS)
    low, high = np.asarray(low, float), np.asarray(high, float)
    inner_low, inner_high = low + wall, high - [wall, roof, wall]
    if close != "closed":
        inner_high[2] = high[2] + wall
    if close == "open through":
        inner_low[2] = low[2] - wall
    box = parts.box(low, high)
    for near, far in cells_between(inner_low, inner_high, cells, wall, stacked=stacked):
        box = box - parts.box(near, far)
    body.glue(
        _checked(box),
        handles=cells if close == "open through" else 0,
        cavities=cells if close == "closed" else 0,
    )
    if close == "closed" and knobs:
        for near, far in cells_between(inner_low, inner_high, cells, wall, stacked=stacked):
            x, y, _ = (near + far) / 2
            body.glue(_knob(1.1 * wall).translate((x, y, high[2] - 0.3 * wall)))


def _knob(diameter: float) -> Manifold:
    """A round knob that points forward from the origin."""
    r = diameter / 2
    profile = [(0.6 * r, 0.0), (0.7 * r, 0.8 * r), (r, 1.2 * r), (r, 1.7 * r), (0.5 * r, 2.1 * r)]
    return parts.turning(profile, segments=14).rotate((90, 0, 0))


def _checked(solid: Manifold) -> Manifold:
    if solid.is_empty():
        raise ValueError("a carcass came out empty: its walls are thicker than the box")
    return solid
