"""Sofas: with arms, cushions, legs or a plinth, with a chaise, with room inside.

The frame (base, arms, back) carries the cushions. Cushions sink into whatever they lean on by
half the radius of their edges or so, so that the seams between them are shallow grooves and never
tunnels.
"""

from __future__ import annotations

import numpy as np

from . import parts, supports
from .body import Body
from .design import Design
from .sofa_frames import Frame, draw_frame, glue_arms_with_openings, glue_back, glue_solid_arms
from .storage import cells_between

__all__ = ["build_sofa"]


def build_sofa(design: Design) -> Body:
    """Draw a sofa and put it together."""
    body = Body()
    frame = draw_frame(design)
    _glue_base(body, design, frame)
    glue_solid_arms(body, design, frame)
    glue_back(body, design, frame)
    glue_arms_with_openings(body, design, frame)
    _glue_supports(body, design, frame)
    _glue_seat_cushions(body, design, frame)
    _glue_back_cushions(body, design, frame)
    if not frame.chaise and design.yes("ottoman", 0.05):
        _glue_ottoman(body, design, frame)
    return body


def _glue_base(body: Body, design: Design, frame: Frame) -> None:
    """The block under the seats, perhaps with a chaise on the right and with storage inside."""
    x, z = frame.half_base, frame.depth / 2
    low = np.array([-x, frame.floor, -z + 0.01])
    high = np.array([x, frame.base, z - 0.012])
    base = parts.box(low, high)
    if frame.chaise:
        start = frame.half_inside * (1 - 2 / frame.seats)
        base += parts.box([start, low[1], 0.0], [x - 0.003, high[1], z + frame.chaise])
    boxes = 0
    if frame.storage:
        wall = 1.05 * design.least
        boxes = design.count("storage boxes", 1, min(3, frame.seats))
        inside = np.array([frame.half_inside - wall, 0, 0])
        inner_low = low * [0, 1, 1] - inside + [0, wall, wall + frame.back_depth]
        inner_high = high * [0, 1, 1] + inside - [0, wall + frame.edge + 0.01, wall]
        for near, far in cells_between(inner_low, inner_high, boxes, wall):
            base -= parts.box(near, far)
    body.glue(base, 0, cavities=boxes)


def _glue_supports(body: Body, design: Design, frame: Frame) -> None:
    x, z = frame.half_base, frame.depth / 2
    anchor = frame.floor + 0.5 * design.least
    if frame.support == "plinth":
        plinth = parts.slab(parts.rectangle(1.92 * x, 1.84 * z, 0.01), 0.0, anchor)
        if frame.chaise:
            start = frame.half_inside * (1 - 2 / frame.seats) + 0.04
            plinth += parts.box([start, 0.0, 0.0], [0.94 * x, anchor, z + frame.chaise - 0.05])
        body.glue(plinth)
    elif frame.support == "runners":
        t = design.thickness("runner thickness", 0.045, 0.06)
        round_, link = design.yes("round bars", 0.4), design.yes("linked runners", 0.3)
        x, z = 0.9 * x - 0.6 * t, z - 0.02 - 0.9 * t
        supports.glue_runners(body, x, z, anchor, t, round_=round_, link=link)
    elif frame.support == "legs":
        _glue_legs(body, design, frame, anchor)


def _glue_legs(body: Body, design: Design, frame: Frame, anchor: float) -> None:
    """Four legs, two more under a long sofa, two more under a chaise; rails join some of them."""
    t = design.thickness("leg thickness", 0.045, 0.07)
    x, z = frame.half_base - 0.7 * t, frame.depth / 2 - 0.02 - 0.8 * t
    spots = supports.corner_spots(x, z)
    if frame.half_inside > 0.85:
        spots = np.concatenate([spots, [[0.0, z], [0.0, -z]]])
    if frame.chaise:
        inner, front = frame.half_inside * (1 - 2 / frame.seats) + 0.8 * t, z + frame.chaise
        spots = np.concatenate([spots, [[x, front], [inner, front]]])
    splay = design.real("splay", 0.0, 0.05)
    styles = {"square": 1.0, "round": 1.0}
    legs = supports.glue_legs(body, design, spots, anchor, t, splay=splay, styles=styles)
    if frame.floor > 2.6 * design.least and design.yes("leg rails", 0.35):
        rail = max(0.8 * t, design.least)
        supports.glue_stretchers(body, legs[:4], "sides", 0.55 * rail, rail)


def _cushion_bounds(frame: Frame, count: int) -> np.ndarray:
    """Where ``count`` cushions begin and end along x, in metres (count + 1,)."""
    half = frame.half_inside if frame.solid_arms else frame.half_inside - 0.02 - frame.sink
    return np.linspace(-half, half, count + 1)


def _glue_seat_cushions(body: Body, design: Design, frame: Frame) -> None:
    single = not frame.chaise and design.yes("one long cushion", 0.25)
    bounds = _cushion_bounds(frame, 1 if single else frame.seats)
    crown = design.real("crown", 0.0, 0.02)
    front = frame.depth / 2 + design.real("overhang", -0.02, 0.01)
    rear = frame.cushion_rear
    for k, (left, right) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        reach = front + (frame.chaise if k == len(bounds) - 2 else 0.0)
        low = [left - frame.sink, frame.base - frame.edge - 0.005, rear]
        high = [right + frame.sink, frame.seat, reach]
        body.glue(parts.cushion(low, high, frame.edge, crown))


def _glue_back_cushions(body: Body, design: Design, frame: Frame) -> None:
    if not frame.solid_back or not design.yes("back cushions", 0.62):
        return
    thickness = design.real("back cushion", 0.12, 0.18)
    top = frame.back + design.real("back cushion rise", -0.08, 0.03)
    bounds = _cushion_bounds(frame, frame.seats)
    bottom = frame.seat - 1.5 * frame.edge - 0.01
    rear = frame.cushion_rear
    for left, right in zip(bounds[:-1], bounds[1:], strict=True):
        low = [left - frame.sink, bottom, rear]
        high = [right + frame.sink, top, rear + frame.sink + thickness]
        body.glue(parts.cushion(low, high, frame.edge))


def _glue_ottoman(body: Body, design: Design, frame: Frame) -> None:
    """A footstool of its own in front: one more piece."""
    width = design.real("ottoman width", 0.5, 0.7)
    near = frame.depth / 2 + 0.15
    low, high = [-width / 2, 0.0, near], [width / 2, 0.95 * frame.seat, near + 0.8 * width]
    body.glue(parts.cushion(low, high, 0.05), 0)
