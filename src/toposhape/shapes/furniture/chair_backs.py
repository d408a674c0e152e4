"""Backs of chairs.

A back is built upright behind the seat and then leant backwards as a whole; ``v`` is the height
above the seat along the leaning back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from . import parts
from .body import Body
from .design import Design

__all__ = ["Back", "glue_back"]

BACKS = {
    "vertical slats": 15,
    "ladder": 12,
    "open": 7,
    "splat": 7,
    "framed panel": 8,
    "crossed": 5,
    "hoop": 8,
    "panel": 14,
    "pierced panel": 7,
    "upholstered": 13,
    "none": 5,
}
ROUND_BACKS = {"hoop": 38, "vertical slats": 16, "open": 8, "pierced panel": 12, "none": 8}
STRAIGHT_BACKS = ("crossed", "hoop", "upholstered")
Y_AXIS, Z_AXIS = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Back:
    """Where a back stands, in metres.

    Attributes:
        half_width: Of its posts' axes or of its panel.
        height: Of its upper edge above the seat, along the lean.
        thickness: Of posts or panel, front to rear.
        z: Of its middle plane where it stands.
        seat: Height of the seat's upper face.
        anchor: Height inside the seat, where it begins.
        matrix: (3, 4), leans it back.
        bulge: How far rails and panels curve backwards in the middle.
        edge: Up to which height its sides are straight, so that arms may meet them.
    """

    half_width: float
    height: float
    thickness: float
    z: float
    seat: float
    anchor: float
    matrix: NDArray[np.float64]
    bulge: float
    edge: float

    def point(self, x: float, v: float) -> NDArray[np.float64]:
        """The point (3,) of the upright back at x and v, on the curve of its rails."""
        curve = self.bulge * (1 - (x / self.half_width) ** 2)
        return np.array([x, self.seat + v, self.z - curve])

    def leant(self, part: Manifold) -> Manifold:
        """The part leant backwards."""
        return part.transform(self.matrix)

    def rail(self, v: float, height: float, thickness: float, reach: float = 1.0) -> Manifold:
        """A leant horizontal board between the posts, curved if the back is."""
        xs = np.linspace(-reach, reach, 9 if self.bulge else 2) * self.half_width
        path = np.array([self.point(x, v) for x in xs])
        return self.leant(parts.sweep(path, height, thickness, Y_AXIS))

    def upright(self, x: float, low: float, high: float, width: float, depth: float) -> Manifold:
        """A leant vertical slat at x from v = low to v = high."""
        path = [self.point(x, low), self.point(x, high)]
        path[0][2] = path[1][2] = (path[0][2] + path[1][2]) / 2
        return self.leant(parts.sweep(path, depth, width, Z_AXIS))


def glue_back(
    body: Body,
    design: Design,
    width: float,
    depth: float,
    anchor: float,
    seat: float,
    corner: float,
    round_: bool,
) -> Back | None:
    """Draw a back and glue it onto the rear of a seat; None if the chair is to have none.

    Args:
        body: The seat with what carries it.
        design: Draws the back.
        width: Of the seat.
        depth: Of the seat.
        anchor: Height inside the seat where the back begins.
        seat: Height of its upper face.
        corner: Radius of its corners.
        round_: Whether the seat is round.
    """
    kind = design.choice("back", ROUND_BACKS if round_ else BACKS)
    if kind == "none":
        return None
    thickness = design.thickness("back thickness", 0.028, 0.042)
    height = design.real("back height", 0.36, 0.56)
    degrees = design.real("back lean", 3.0, 14.0)
    curved = not round_ and kind not in STRAIGHT_BACKS and design.yes("curved back", 0.4)
    bulge = design.real("bulge", 0.02, 0.05) if curved else 0.0
    if round_:
        half, z = 0.66 * width / 2 - 0.3 * thickness, -0.62 * depth / 2
    else:
        half = width / 2 - 0.3 * corner - 0.65 * thickness
        z = -depth / 2 + max(bulge + 0.6 * thickness, 0.3 * corner + 0.65 * thickness)
    matrix = parts.lean(degrees, anchor, z)
    upright = Back(half, height, thickness, z, seat, anchor, matrix, bulge, height)
    return replace(upright, edge=_BUILDERS[kind](body, design, upright))


def _glue_posts(body: Body, back: Back, top: float) -> None:
    t = back.thickness
    for x in (-back.half_width, back.half_width):
        body.glue(back.upright(x, back.anchor - back.seat, top, t, t))


def _glue_frame(body: Body, design: Design, back: Back) -> float:
    """Two posts and a top rail (1 handle); returns the height v of the rail's axis."""
    rail = design.thickness("top rail height", 0.04, 0.11)
    proud = design.yes("posts above the rail", 0.35)
    v = back.height - rail / 2 - (0.03 if proud else 0.0)
    _glue_posts(body, back, back.height if proud else v + 0.3 * rail)
    body.glue(
        back.rail(
            v,
            rail,
            0.8 * back.thickness if proud else 0.95 * back.thickness,
            1.0 if proud else 1.0 + 0.7 * back.thickness / back.half_width,
        ),
        2,
    )
    return v


def _open(body: Body, design: Design, back: Back) -> float:
    return _glue_frame(body, design, back)


def _ladder(body: Body, design: Design, back: Back) -> float:
    top = _glue_frame(body, design, back)
    rungs = design.count("rungs", 1, 4)
    rung = design.thickness("rung height", 0.03, 0.05)
    gap = (top - 0.05) / (rungs + 1)
    for k in range(1, rungs + 1):
        low = 0.05 * (1 - k / (rungs + 1))
        body.glue(back.rail(low + k * gap, min(rung, 0.5 * gap), 0.75 * back.thickness), 2)
    return top


def _vertical_slats(body: Body, design: Design, back: Back) -> float:
    top = _glue_frame(body, design, back)
    low = back.anchor - back.seat
    if design.yes("lower rail", 0.55):
        low = design.real("lower rail place", 0.09, 0.15)
        body.glue(back.rail(low, max(back.thickness, 0.03), 0.8 * back.thickness), 2)
    slat = design.thickness("slat width", 0.026, 0.05)
    inner = 2 * back.half_width - back.thickness
    most = int((inner - 0.034) / (slat + 0.034))
    slats = min(design.count("slats", 2, 6), max(most, 1))
    design.choices["slats"] = slats
    step = (inner + slat) / (slats + 1)
    for k in range(slats):
        x = -inner / 2 - slat / 2 + (k + 1) * step
        body.glue(back.upright(x, low, top, slat, 0.7 * back.thickness), 2)
    return top


def _splat(body: Body, design: Design, back: Back) -> float:
    top = _glue_frame(body, design, back)
    width = design.real("splat width", 0.25, 0.5) * 2 * back.half_width
    body.glue(back.upright(0.0, back.anchor - back.seat, top, width, 0.7 * back.thickness), 2)
    return top


def _framed_panel(body: Body, design: Design, back: Back) -> float:
    top = _glue_frame(body, design, back)
    gap = 0.045
    high = top - back.height * 0.16 - gap
    low = design.real("panel gap", 0.05, 0.12)
    body.glue(back.rail((low + high) / 2, high - low, 0.7 * back.thickness), 2)
    return top


def _crossed(body: Body, design: Design, back: Back) -> float:
    top = _glue_frame(body, design, back)
    t = 0.95 * back.thickness
    low, high = 0.09, top - 0.09
    for sign, places in ((1, 2), (-1, 3)):
        ends = [back.point(-sign * back.half_width, low), back.point(sign * back.half_width, high)]
        body.glue(back.leant(parts.sweep(ends, 0.7 * t, t, Z_AXIS)), places)
    return top


def _hoop(body: Body, design: Design, back: Back) -> float:
    t, half = back.thickness, back.half_width
    angles = np.linspace(0, np.pi, 17)
    rise = min(half, 0.5 * back.height)
    arch = [(half * np.cos(a), back.height - rise + rise * np.sin(a) - t / 2) for a in angles]
    low = back.anchor - back.seat
    path = [(half, low), *arch, (-half, low)]
    points = np.array([[x, back.seat + v, back.z] for x, v in path])
    body.glue(back.leant(parts.sweep(points, t, t, Z_AXIS, round_=True)), 2)
    spindle = max(0.75 * t, design.least)
    most = int((2 * half - t - 0.034) / (spindle + 0.034))
    spindles = min(design.count("spindles", 1, 6), most)
    design.choices["spindles"] = spindles
    for k in range(spindles):
        x = (2 * (k + 1) / (spindles + 1) - 1) * half
        v = back.height - rise + rise * np.sqrt(1 - (x / half) ** 2) - t / 2
        ends = np.array([[x, back.seat + low, back.z], [x, back.seat + v, back.z]])
        body.glue(back.leant(parts.sweep(ends, spindle, spindle, Z_AXIS, round_=True)), 2)
    return back.height - rise


def _panel_solid(design: Design, back: Back, low: float, roundest: float = 0.16) -> Manifold:
    """A board from v = low to the top, curved with the back or with rounded upper corners."""
    if back.bulge:
        v = (low + back.height) / 2
        return back.rail(v, back.height - low, back.thickness)
    corner = design.real("panel corner", 0.02, roundest)
    height = back.height - low
    outline = parts.rectangle(2 * back.half_width, 2 * height, corner)
    board = parts.slab(outline, -back.thickness / 2, back.thickness / 2, 0.006)
    upright = board.rotate((90, 0, 0)).translate((0, back.seat + low, back.z))
    return back.leant(upright.trim_by_plane(Y_AXIS, back.seat + low))


def _panel(body: Body, design: Design, back: Back) -> float:
    body.glue(_panel_solid(design, back, back.anchor - back.seat))
    return back.height - float(design.choices.get("panel corner", 0.0))


def _pierced_panel(body: Body, design: Design, back: Back) -> float:
    panel = _panel_solid(design, back, back.anchor - back.seat, roundest=0.06)
    rows = design.count("rows of openings", 1, 3)
    columns = design.count("columns of openings", 1, 2)
    wall = max(1.2 * design.least, 0.04)
    cell_width = (2 * back.half_width - wall) / columns
    cell_height = (back.height - 0.05 - wall) / rows
    holes = []
    for k in range(rows * columns):
        x = -back.half_width + wall / 2 + (k % columns + 0.5) * cell_width
        v = 0.05 + wall / 2 + (k // columns + 0.5) * cell_height
        outline = parts.rectangle(cell_width - wall, cell_height - wall, 0.03)
        hole = parts.slab(outline, -0.2, 0.2).rotate((90, 0, 0))
        holes.append(back.leant(hole.translate((x, back.seat + v, back.z))))
    for hole in holes:
        panel = panel - hole
    body.glue(panel, handles=len(holes))
    return back.height - float(design.choices.get("panel corner", 0.0))


def _upholstered(body: Body, design: Design, back: Back) -> float:
    depth = design.real("upholstery", 0.06, 0.12)
    edge = 0.45 * depth
    x, rear = back.half_width + 0.4 * edge, back.z - back.thickness / 2
    low, high = [-x, back.anchor - edge, rear], [x, back.seat + back.height, rear + depth]
    whole = parts.cushion(low, high, edge).trim_by_plane(Y_AXIS, back.anchor)
    body.glue(back.leant(whole))
    return back.height - edge


_BUILDERS: dict[str, Callable[[Body, Design, Back], float]] = {
    "vertical slats": _vertical_slats,
    "ladder": _ladder,
    "open": _open,
    "splat": _splat,
    "framed panel": _framed_panel,
    "crossed": _crossed,
    "hoop": _hoop,
    "panel": _panel,
    "pierced panel": _pierced_panel,
    "upholstered": _upholstered,
}
