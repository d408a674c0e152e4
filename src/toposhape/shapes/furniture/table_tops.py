"""Table tops, with aprons, drawers and a desk's drawer units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold

from . import parts, supports
from .body import Body
from .design import Design
from .storage import glue_carcass

__all__ = ["CURVED", "Board", "glue_drawers", "glue_top", "glue_units"]

CURVED = ("oval", "round", "boat")


@dataclass(frozen=True)
class Board:
    """A table top, or what hangs below it: where supports end and how far they may stand out.

    Attributes:
        width: Along x, in metres.
        depth: Along z, in metres.
        anchor: Height in which supports end.
        under: Height of the lowest face.
        half_width: Greatest distance along x of a support's axis.
        half_depth: The same along z.
        curved: Whether the outline is round, oval or boat-shaped.
    """

    width: float
    depth: float
    anchor: float
    under: float
    half_width: float
    half_depth: float
    curved: bool


def _outline(kind: str, width: float, depth: float, corner: float) -> np.ndarray:
    if kind in ("rectangle", "rounded"):
        return parts.rectangle(width, depth, corner)
    return parts.superellipse(width, depth, 3.2 if kind == "boat" else 2.0, 56)


def glue_top(
    body: Body,
    design: Design,
    kind: str,
    size: tuple[float, float, float],
    leg: float,
    *,
    plain: bool,
) -> Board:
    """The board on top, sometimes with an apron around its underside: a cup is still a ball.

    Args:
        body: Nothing yet; the board is its first part.
        design: Draws thickness, corners and apron.
        kind: "rectangle", "rounded", "oval", "boat" or "round".
        size: Width, depth and height of the table, in metres.
        leg: Thickness of its legs, which stay inside the outline.
        plain: Whether to go without an apron.
    """
    width, depth, height = size
    thickness = design.thickness("top thickness", 0.025, 0.06)
    corner = 0.01 if kind == "rectangle" else design.real("corner", 0.06, 0.16) * min(width, depth)
    edge = design.real("edge share", 0.0, 0.4) * thickness
    outline = _outline(kind, width, depth, corner)
    under = height - thickness
    top = parts.slab(outline, under, height, edge)
    curved = kind in CURVED
    reach = 0.66 if kind in ("oval", "round") else 0.72
    inset = 0.3 * corner + 0.75 * leg
    half_width, half_depth = (
        reach * one / 2 - 0.4 * leg if curved else one / 2 - inset for one in (width, depth)
    )
    if not curved and not plain and design.yes("apron", 0.4):
        half_width, half_depth = half_width - 0.02, half_depth - 0.02
        outer = np.array([half_width, half_depth]) + 0.35 * leg
        top += _apron(design, outer, max(design.least, 0.7 * leg), under, thickness)
    body.glue(top, 0)
    anchor = under + 0.5 * thickness
    return Board(width, depth, anchor, under, half_width, half_depth, curved)


def _apron(design: Design, outer: np.ndarray, wall: float, under: float, board: float) -> Manifold:
    """Four walls below a board of the given thickness that reach halfway into it."""
    drop, inner = design.real("apron height", 0.05, 0.09), outer - wall
    block = parts.box(
        [-outer[0], under - drop, -outer[1]], [outer[0], under + 0.5 * board, outer[1]]
    )
    room = parts.box([-inner[0], under - 2 * drop, -inner[1]], [inner[0], under, inner[1]])
    return block - room


def glue_drawers(body: Body, design: Design, board: Board) -> Board:
    """A row of drawers below the top, each a cavity; what follows stands under them.

    Args:
        body: The board.
        design: Draws number and size of the drawers.
        board: What they hang under.

    Returns:
        Where supports end now.
    """
    wall = design.least
    height = 2 * wall + design.real("drawer height", 0.08, 0.13)
    inset = design.real("drawer inset", 0.01, 0.06)
    half_width, half_depth = board.width / 2 - inset, board.depth / 2 - inset
    cells = design.count("drawers", 1, 2 if board.width < 1.0 else 3)
    low = [-half_width, board.under - height, -half_depth]
    high = [half_width, board.anchor, half_depth]
    glue_carcass(body, design, low, high, cells, wall, roof=wall + board.anchor - board.under)
    under = board.under - height
    margin = 0.55 * design.choices["leg thickness"] + 0.004
    return Board(
        board.width,
        board.depth,
        under + 0.5 * wall,
        under,
        half_width - margin,
        half_depth - margin,
        curved=False,
    )


def glue_units(body: Body, design: Design, board: Board, leg: float) -> None:
    """A desk's drawer units: one on either side, or one and legs.

    Two units may have a panel between them (1 handle). A single one stands on the floor in place
    of two legs, or hangs between four.

    Args:
        body: The board.
        design: Draws the units.
        board: What they hang under.
        leg: Thickness of the legs.
    """
    wall = design.least
    unit = 2 * wall + design.real("unit width", 0.2, 0.28)
    half_width, half_depth = board.width / 2 - 0.02, board.depth / 2 - 0.02
    kind = design.choice("units", {"two": 4, "one": 4, "hanging": 3})
    bottom = board.under - 0.45 if kind == "hanging" else 0.0
    outside = half_width - (1.6 * leg if kind == "hanging" else 0.0)
    cells = design.count("drawers in a unit", 1, 2 if kind == "hanging" else 3)
    roof = wall + board.anchor - board.under
    for side in (-1, 1) if kind == "two" else (-1,):
        near, far = sorted((side * outside, side * (outside - unit)))
        low, high = [near, bottom, -half_depth], [far, board.anchor, half_depth]
        glue_carcass(body, design, low, high, cells, wall, roof=roof, stacked=True)
    if kind == "two":
        if design.yes("back panel", 0.6):
            x, z = half_width - 0.5 * unit, -0.6 * half_depth
            low, high = [-x, board.under - 0.35, z], [x, board.under - 0.06, z + wall]
            body.glue(parts.box(low, high), 2)
        return
    spots = supports.corner_spots(board.half_width, board.half_depth)
    spots = spots if kind == "hanging" else spots[[1, 2]]
    supports.glue_legs(body, design, spots, board.anchor, leg)
