"""Chairs, armchairs and stools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parts, supports
from .body import Body
from .chair_arms import glue_arms
from .chair_backs import glue_back
from .design import Design

__all__ = ["build_chair"]

BASES = {
    "four legs": 58,
    "three legs": 5,
    "sled": 9,
    "cantilever": 5,
    "pedestal": 6,
    "star": 6,
    "castors": 5,
    "boards": 4,
    "plinth": 3,
}
STRETCHERS = {"none": 42, "H": 16, "box": 14, "sides": 10, "ladder": 8, "X": 5}


@dataclass(frozen=True)
class _Seat:
    """A seat: extents, heights of its faces and radius of its corners in metres."""

    width: float
    depth: float
    bottom: float
    top: float
    corner: float
    round_: bool

    @property
    def anchor(self) -> float:
        """The height inside the seat where legs end."""
        return self.bottom + 0.45 * (self.top - self.bottom)

    def inset(self, thickness: float) -> float:
        """How far from the sides an upright of that thickness stands inside rounded corners."""
        return 0.3 * self.corner + 0.65 * thickness


def build_chair(design: Design) -> Body:
    """Draw a chair and put it together."""
    body = Body()
    base = design.choice("base", BASES)
    seat = _glue_seat(body, design, base)
    _glue_base(body, design, base, seat)
    begin = seat.bottom + 0.62 * (seat.top - seat.bottom)
    back = glue_back(
        body, design, seat.width, seat.depth, begin, seat.top, seat.corner, seat.round_
    )
    if back is not None and not seat.round_:
        glue_arms(body, design, back, seat.width, seat.depth)
    return body


def _glue_seat(body: Body, design: Design, base: str) -> _Seat:
    lounge = design.yes("lounge", 0.9 if base == "plinth" else 0.15)
    width = design.real("seat width", 0.42, 0.54) * (1.25 if lounge else 1.0)
    depth = design.real("seat depth", 0.40, 0.50) * (1.15 if lounge else 1.0)
    height = design.real("seat height", 0.42, 0.50) * (0.85 if lounge else 1.0)
    if not lounge and base in ("four legs", "pedestal", "three legs") and design.yes("high", 0.08):
        height, width, depth = height + 0.24, width * 0.9, depth * 0.9
    design.set_extent(width * 1.1, height * 2.0, depth * 1.25)
    round_ = design.yes("round seat", 0.8 if base == "three legs" else 0.12)
    soft = design.yes("cushioned seat", 0.85 if lounge else 0.35)
    thickness = design.thickness("seat thickness", 0.03, 0.06) + (0.05 if soft else 0.0)
    bottom = height - thickness
    if round_:
        width = depth = min(width, depth)
        outline = parts.disc(width, 40)
        corner = 0.0
    else:
        corner = design.real("seat corner", 0.005, 0.09)
        outline = parts.rectangle(width, depth, corner)
        outline = parts.trapezium(outline, design.real("seat flare", 1.0, 1.14))
    body.glue(parts.slab(outline, bottom, height, 0.4 * thickness if soft else 0.008), 0)
    return _Seat(width, depth, bottom, height, corner, round_)


def _glue_base(body: Body, design: Design, base: str, seat: _Seat) -> None:
    thickness = design.thickness("leg thickness", 0.03, 0.05)
    inset = seat.inset(thickness)
    half_width, half_depth = seat.width / 2 - inset, seat.depth / 2 - inset
    if seat.round_:
        half_width = half_depth = 0.66 * (seat.width / 2 - 0.4 * inset)
    if base == "four legs":
        spots = supports.corner_spots(half_width, half_depth)
        splayed = design.choice("splay", {"upright": 6, "splayed": 4}) == "splayed"
        splay = design.real("splay share", 0.08, 0.28) if splayed else 0.0
        legs = supports.glue_legs(body, design, spots, seat.anchor, thickness, splay=splay)
        kind = design.choice("stretchers", STRETCHERS)
        height = design.real("stretcher height", 0.22, 0.5) * seat.bottom
        supports.glue_stretchers(
            body, legs, kind, height, design.thickness("stretcher thickness", 0.024, 0.034)
        )
    elif base == "three legs":
        spots = supports.ring_spots(
            3, 0.7 * min(half_width, half_depth) * (1.4 if seat.round_ else 1)
        )
        splay = design.real("splay share", 0.15, 0.45)
        supports.glue_legs(body, design, spots, seat.anchor, thickness, splay=splay)
    elif base in ("sled", "cantilever"):
        round_ = design.yes("round bars", 0.6)
        link = base == "cantilever" or design.yes("linked runners", 0.4)
        supports.glue_runners(
            body,
            half_width,
            half_depth,
            seat.anchor,
            thickness,
            round_=round_,
            closed=base == "sled",
            link=link,
        )
    elif base in ("pedestal", "star", "castors"):
        foot = "disc" if base == "pedestal" else base
        spread = design.real("foot radius", 0.85, 1.1) * min(seat.width, seat.depth) / 2
        column = max(1.5 * thickness, 0.05)
        supports.glue_pedestal(body, design, seat.anchor, spread, column, foot)
    else:
        _glue_boards_or_plinth(body, design, base, seat, thickness, half_width)


def _glue_boards_or_plinth(
    body: Body, design: Design, base: str, seat: _Seat, thickness: float, half_width: float
) -> None:
    if base == "plinth":
        outline = parts.rectangle(seat.width * 0.9, seat.depth * 0.88, 0.03)
        body.glue(parts.slab(outline, 0.0, seat.anchor, 0.01))
        return
    outline = parts.rectangle(thickness, seat.depth * 0.82, 0.01, 3)
    for x in (-half_width, half_width):
        body.glue(parts.slab(outline, 0.0, seat.anchor, centre=(x, 0.0)))
    if design.yes("rail between boards", 0.6):
        height = design.real("rail height", 0.3, 0.6) * seat.bottom
        low = np.array([-half_width, height - thickness, -thickness / 2])
        body.glue(parts.box(low, -low * [1, 0, 1] + [0, height + thickness, 0]), 2)
