"""Tables: dining, coffee, side and console tables, desks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from . import parts, supports
from .body import Body
from .design import Design
from .storage import glue_carcass
from .table_tops import CURVED, Board, glue_drawers, glue_top, glue_units

__all__ = ["build_table"]

KINDS = {"dining": 40, "coffee": 24, "side": 14, "desk": 13, "console": 7}
SIZES = {  # least and greatest width, depth and height, in metres
    "dining": ((1.1, 1.7), (0.75, 0.95), (0.70, 0.77)),
    "coffee": ((0.8, 1.2), (0.5, 0.75), (0.36, 0.47)),
    "side": ((0.42, 0.6), (0.42, 0.6), (0.45, 0.65)),
    "desk": ((1.1, 1.5), (0.55, 0.7), (0.72, 0.77)),
    "console": ((0.9, 1.2), (0.32, 0.42), (0.74, 0.84)),
}
OUTLINES = {"rectangle": 6, "rounded": 3, "oval": 1.3, "boat": 1.2, "round": 2.8}
BASES = {
    "four legs": 46,
    "three legs": 3,
    "runners": 9,
    "boards": 8,
    "pedestal": 12,
    "two pedestals": 4,
    "trestle": 9,
    "crossed": 6,
    "block": 4,
}
STRETCHERS = {"none": 62, "H": 12, "box": 9, "sides": 6, "X": 7, "ladder": 4}


def build_table(design: Design) -> Body:
    """Draw a table and put it together."""
    body = Body()
    kind = design.choice("kind", KINDS)
    width, depth, height = (
        design.real(name, *limits)
        for name, limits in zip(("width", "depth", "height"), SIZES[kind], strict=True)
    )
    straight = kind in ("desk", "console")
    outline = "rectangle" if straight else design.choice("outline", OUTLINES)
    if outline == "round":
        width = depth = min(width, 1.15 * depth)
    design.set_extent(width, height, depth)
    thickness = design.thickness("leg thickness", 0.05 * height + 0.01, 0.07 * height + 0.02)
    drawers = outline == "rectangle" and design.yes("drawers under the top", 0.32)
    plain = drawers or kind == "desk"
    board = glue_top(body, design, outline, (width, depth, height), thickness, plain=plain)
    if kind == "desk" and not drawers and design.yes("drawer units", 0.7):
        glue_units(body, design, board, thickness)
        return body
    bases = dict(BASES)
    if drawers:
        board = glue_drawers(body, design, board)
        bases = {"four legs": 8, "runners": 1, "boards": 1}
    _BUILDERS[_choose_base(design, bases, outline, board)](body, design, board, thickness)
    return body


def _choose_base(design: Design, bases: Mapping[str, float], outline: str, board: Board) -> str:
    """One of the bases that suit the board."""
    allowed = dict(bases)
    if outline in CURVED:
        allowed |= {"runners": 0, "boards": 0, "pedestal": 24}
    if outline != "round":
        allowed["three legs"] = 0
    if outline == "round" or board.width < 1.0:
        allowed |= {"two pedestals": 0, "trestle": 0}
    if board.depth < 0.45:
        allowed |= {"crossed": 0, "pedestal": 0}
    return design.choice("base", allowed)


def _four_legs(body: Body, design: Design, board: Board, thickness: float) -> None:
    spots = supports.corner_spots(board.half_width, board.half_depth)
    drawers = "drawers" in design.choices
    splay = design.real("splay", 0.03, 0.12) if design.yes("splayed", 0.25) and not drawers else 0.0
    legs = supports.glue_legs(body, design, spots, board.anchor, thickness, splay=splay)
    if board.under > 0.28 and design.yes("shelf", 0.5 if board.under < 0.6 else 0.1):
        _glue_shelf(body, design, board, legs[0].at, thickness, 4)
        return
    kind = design.choice("stretchers", STRETCHERS)
    bar = min(design.thickness("stretcher thickness", 0.035, 0.05), thickness)
    height = design.real("stretcher height", 0.15, 0.4) * board.under
    supports.glue_stretchers(body, legs, kind, height, bar)


def _glue_shelf(
    body: Body,
    design: Design,
    board: Board,
    support_at: Callable[[float], np.ndarray],
    thickness: float,
    places: int,
) -> None:
    """A board low down that all supports pass through."""
    height = (
        design.real("shelf height", 0.22, 0.45) * (board.under - 1.5 * thickness) + 1.5 * thickness
    )
    shelf = design.thickness("shelf thickness", 0.025, 0.045)
    x, _, z = np.abs(support_at(height))
    outline = parts.rectangle(2 * x + 0.4 * thickness, 2 * z + 0.4 * thickness, 0.2 * thickness)
    body.glue(parts.slab(outline, height - shelf / 2, height + shelf / 2), places)


def _three_legs(body: Body, design: Design, board: Board, thickness: float) -> None:
    spots = supports.ring_spots(3, 1.15 * board.half_width)
    splay = design.real("splay", 0.0, 0.25)
    legs = supports.glue_legs(body, design, spots, board.anchor, thickness, splay=splay)
    if design.yes("shelf", 0.4):
        height = design.real("shelf height", 0.25, 0.5) * board.under
        shelf = design.thickness("shelf thickness", 0.025, 0.045)
        reach = float(np.linalg.norm(legs[0].at(height)[[0, 2]]))
        outline = parts.disc(2 * reach, 40)
        body.glue(parts.slab(outline, height - shelf / 2, height + shelf / 2), 3)


def _runners(body: Body, design: Design, board: Board, thickness: float) -> None:
    inset = design.real("runner inset", 0.0, 0.25) * board.half_width
    half_width = board.half_width - inset
    supports.glue_runners(
        body,
        half_width,
        board.half_depth,
        board.anchor,
        thickness,
        round_=design.yes("round bars", 0.4),
        link=design.yes("linked runners", 0.35),
    )
    if 0.28 < board.under < 0.6 and design.yes("shelf", 0.4):
        point = np.array([half_width, 0.0, board.half_depth])
        _glue_shelf(body, design, board, lambda height: point, thickness, 4)


def _boards(body: Body, design: Design, board: Board, thickness: float) -> None:
    x = board.half_width - design.real("board inset", 0.0, 0.2) * board.half_width
    outline = parts.rectangle(thickness, 2 * board.half_depth, 0.006, 3)
    for side in (-x, x):
        body.glue(parts.slab(outline, 0.0, board.anchor, centre=(side, 0.0)))
    shelves = design.count("boards between", 0, 2)
    depth = 0.85 * board.half_depth
    for k in range(shelves):
        y = board.under * (k + 1) / (shelves + 1) - thickness / 2
        body.glue(parts.box([-x, y, -depth], [x, y + design.least, depth]), 2)


def _pedestal(body: Body, design: Design, board: Board, thickness: float) -> None:
    foot = design.choice("foot", {"disc": 4, "star": 4, "block": 2})
    spread = design.real("foot radius", 0.55, 0.75) * min(board.width, board.depth) / 2
    column = max(design.real("column", 0.06, 0.14), design.least)
    supports.glue_pedestal(body, design, board.anchor, spread, column, foot)


def _two_pedestals(body: Body, design: Design, board: Board, thickness: float) -> None:
    """Columns on foot bars, most often linked."""
    x, foot = 0.62 * board.half_width, 0.85 * board.half_depth
    t = thickness
    outline = parts.disc(1.5 * t, 20)
    for side in (-x, x):
        body.glue(parts.slab(outline, 0.0, board.anchor, centre=(side, 0.0)))
        body.glue(
            parts.slab(parts.rectangle(1.8 * t, 2 * foot, 0.3 * t), 0.0, t, 0.2 * t, (side, 0))
        )
    if design.yes("link", 0.7):
        y = design.real("link height", 0.2, 0.5) * board.under
        body.glue(supports.bar([-x, y, 0], [x, y, 0], t), 2)


def _trestle(body: Body, design: Design, board: Board, thickness: float) -> None:
    """An A at either end, each with a crossbar, and a beam from crossbar to crossbar."""
    x, low, t = 0.82 * board.half_width, board.half_depth, thickness
    high = min(0.45 * low, low - 1.2 * t)
    y = design.real("crossbar height", 0.25, 0.5) * board.under
    outline = parts.rectangle(t, t, 0.1 * t, 3)
    for side in (-x, x):
        pair = [
            supports.Leg(np.array([side, z * low]), np.array([side, z * high]), board.anchor, t)
            for z in (1, -1)
        ]
        for one in pair:
            body.glue(parts.leg(one.foot, one.top, 0.0, one.height, outline, 1.0))
        body.glue(supports.bar(pair[0].at(y), pair[1].at(y), 0.9 * t), 2)
    if design.yes("beam", 0.6):
        body.glue(supports.bar([-x, y, 0], [x, y, 0], 0.9 * t), 2)


def _crossed(body: Body, design: Design, board: Board, thickness: float) -> None:
    """Two legs that cross, at either end: 1 handle each."""
    x, z, t = 0.82 * board.half_width, 0.9 * board.half_depth, thickness
    outline = parts.rectangle(t, t, 0.1 * t, 3)
    for side in (-x, x):
        for sign, places in ((1, 1), (-1, 2)):
            body.glue(
                parts.leg((side, sign * z), (side, -sign * z), 0.0, board.anchor, outline, 1.0),
                places,
            )
    if design.yes("beam", 0.5):
        y = board.anchor / 2
        body.glue(supports.bar([-x, y, 0], [x, y, 0], 0.9 * t), 2)


def _block(body: Body, design: Design, board: Board, thickness: float) -> None:
    """A box or drum on the floor, hollow or with an opening more often than solid."""
    share = design.real("block size", 0.5, 0.85)
    x, z = share * board.half_width, share * board.half_depth
    if board.curved:
        outline = parts.superellipse(2 * x, 2 * z, 2.0, 48)
        body.glue(parts.slab(outline, 0.0, board.anchor))
        return
    cells = design.count("cells", 1, 2)
    roof = 1.2 * design.least + board.anchor - board.under
    glue_carcass(
        body, design, [-x, 0.0, -z], [x, board.anchor, z], cells, 1.2 * design.least, roof=roof
    )


_BUILDERS: dict[str, Callable[[Body, Design, Board, float], None]] = {
    "four legs": _four_legs,
    "three legs": _three_legs,
    "runners": _runners,
    "boards": _boards,
    "pedestal": _pedestal,
    "two pedestals": _two_pedestals,
    "trestle": _trestle,
    "crossed": _crossed,
    "block": _block,
}
