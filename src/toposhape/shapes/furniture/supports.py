"""What furniture stands on: legs and their stretchers, pedestals, runners, boards.

Every function glues its parts under something that already stands and that reaches from
``height`` upwards; supports end inside it, never above it. Corners are counted front left, front
right, rear right, rear left; x is to the right seen from the front, z to the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from numpy.typing import ArrayLike, NDArray

from . import parts
from .body import Body
from .design import Design

__all__ = [
    "Leg",
    "bar",
    "corner_spots",
    "glue_legs",
    "glue_pedestal",
    "glue_runners",
    "glue_stretchers",
    "ring_spots",
]

LEG_STYLES = {"square": 4.0, "round": 3.0, "turned": 1.6}
CORNERS = np.array([[-1, 1], [1, 1], [1, -1], [-1, -1]])
X_AXIS = (1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Leg:
    """The axis of a leg: plan positions (x, z) at the floor and at ``height``, in metres."""

    foot: NDArray[np.float64]
    top: NDArray[np.float64]
    height: float
    thickness: float

    def at(self, height: float) -> NDArray[np.float64]:
        """The point (3,) of the axis at a height."""
        share = height / self.height
        x, z = self.foot + share * (self.top - self.foot)
        return np.array([x, height, z])


def corner_spots(half_width: float, half_depth: float) -> NDArray[np.float64]:
    """Plan positions (4, 2) of four legs."""
    return CORNERS * [half_width, half_depth]


def ring_spots(count: int, radius: float) -> NDArray[np.float64]:
    """Plan positions (count, 2) around a circle, none of them straight behind."""
    angles = np.pi / 2 + 2 * np.pi * np.arange(count) / count
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def glue_legs(
    body: Body,
    design: Design,
    spots: ArrayLike,
    height: float,
    thickness: float,
    *,
    splay: float = 0.0,
    styles: dict[str, float] = LEG_STYLES,
) -> list[Leg]:
    """One leg at each spot: no handle.

    Args:
        body: What they carry.
        design: Draws style and taper.
        spots: Plan positions (n, 2) of the upper ends.
        height: Of the upper ends, inside what they carry.
        thickness: At the upper end.
        splay: How far the feet stand out, relative to the spots.
        styles: Weights of "square", "round" and "turned".
    """
    style = design.choice("leg style", styles)
    taper = design.real("leg taper", 0.5, 1.0)
    taper = min(1.0, max(taper, (0.35 if design.thin else 1.0) * design.least / thickness))
    legs = []
    for spot in np.asarray(spots, dtype=float):
        one = Leg(spot * (1 + splay), spot, height, thickness)
        body.glue(_leg_solid(one, style, taper))
        legs.append(one)
    return legs


def _leg_solid(one: Leg, style: str, taper: float) -> Manifold:
    t = one.thickness
    if style == "turned":
        shares = [0, 0.05, 0.12, 0.3, 0.5, 0.62, 0.68, 0.72, 0.76, 0.82, 0.9, 1]
        radii = [taper, 1, taper, 0.8, 1, 1.05, 0.8, 1.1, 0.8, 1.05, 1, 1]
        profile = [
            (max(r, taper) * t / 2, s * one.height) for s, r in zip(shares, radii, strict=True)
        ]
        return parts.turning(profile, one.foot, one.top, 14)
    outline = parts.rectangle(t, t, 0.12 * t, 3) if style == "square" else parts.disc(t, 16)
    return parts.leg(one.foot, one.top, 0.0, one.height, outline, taper)


def bar(start: ArrayLike, end: ArrayLike, thickness: float, *, round_: bool = False) -> Manifold:
    """A straight bar between two points (3,) that are not one above the other."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = np.cross(end - start, [0, 1, 0])
    return parts.sweep(
        [start, end], thickness, thickness, axis / np.linalg.norm(axis), round_=round_
    )


def glue_stretchers(
    body: Body, legs: Sequence[Leg], kind: str, height: float, thickness: float
) -> None:
    """Bars between four legs.

    ``none``; ``sides`` (2 handles), ``ladder`` (4: two bars on either side), ``H`` (3), ``box``
    (4), ``X`` (3: two crossed diagonals).

    Args:
        body: What has the legs.
        legs: The four legs in the order of corners.
        kind: One of the above.
        height: Of the bars' axes.
        thickness: Of the bars.
    """
    front_left, front_right, rear_right, rear_left = legs
    sides = [(front_left, rear_left), (front_right, rear_right)]
    across = [(front_left, front_right), (rear_left, rear_right)]
    round_ = thickness < 0.8 * legs[0].thickness

    def glue_between(pair: tuple[Leg, Leg], level: float) -> None:
        body.glue(bar(pair[0].at(level), pair[1].at(level), thickness, round_=round_), 2)

    if kind == "X":
        body.glue(bar(front_left.at(height), rear_right.at(height), thickness), 2)
        body.glue(bar(front_right.at(height), rear_left.at(height), thickness), 3)
    elif kind != "none":
        for pair in sides:
            glue_between(pair, height)
    if kind == "ladder":
        for pair in sides:
            glue_between(pair, height + 2.6 * thickness)
    if kind == "box":
        for pair in across:
            glue_between(pair, height + 1.7 * thickness)
    if kind == "H":
        left, right = ((a.at(height) + b.at(height)) / 2 for a, b in sides)
        body.glue(bar(left, right, thickness, round_=round_), 2)


def glue_pedestal(
    body: Body, design: Design, height: float, spread: float, column: float, foot: str
) -> None:
    """A column under the middle: no handle.

    Args:
        body: What it carries.
        design: Draws the foot's details.
        height: Where the column ends, inside what it carries.
        spread: Radius of the foot.
        column: Diameter of the column.
        foot: ``disc`` (trumpet on a disc), ``block`` (square), ``star`` (arms on the floor) or
            ``castors`` (raised arms on wheels).
    """
    r, least = column / 2, design.least
    if foot == "disc":
        flare = design.real("flare", 0.0, 0.5)
        rim = max(0.7 * least, 0.02)
        profile = [(spread, 0), (spread, rim), (spread * 0.75, rim * 1.5)]
        profile += [
            (r + (spread - r) * flare * s**3, rim * 1.5 + (0.4 * height) * (1 - s))
            for s in (0.9, 0.7, 0.5, 0.25)
        ]
        profile += [(r, 0.6 * height), (r, 0.85 * height), (r * (1 + flare), height)]
        body.glue(parts.turning(profile))
        return
    if foot == "block":
        body.glue(parts.slab(parts.rectangle(column, column, 0.1 * column, 3), 0.0, height))
        side = 1.6 * spread
        body.glue(parts.slab(parts.rectangle(side, side, 0.02), 0.0, max(least, 0.03), 0.006))
        return
    arms = design.count("arms of the foot", 4, 5)
    thickness = max(least, 0.035) if not design.thin else 0.025
    wheel = max(1.3 * thickness, 0.05) if foot == "castors" else 0.0
    axis_height = thickness / 2 + 0.7 * wheel
    rise = 0.6 * thickness if foot == "castors" else 0.0
    body.glue(parts.turning([(r, axis_height - 0.3 * thickness), (r, height)], segments=16))
    for x, z in ring_spots(arms, spread):
        body.glue(bar([0, axis_height + rise, 0], [x, axis_height, z], thickness))
        if wheel:
            body.glue(
                parts.turning(
                    [
                        (wheel * s, wheel * y)
                        for s, y in ((0.3, 0.0), (0.5, 0.2), (0.5, 0.8), (0.3, 1.0))
                    ],
                    (x * 0.95, z * 0.95),
                    (x * 0.95, z * 0.95),
                    12,
                )
            )


def glue_runners(
    body: Body,
    half_width: float,
    half_depth: float,
    height: float,
    thickness: float,
    *,
    round_: bool,
    closed: bool = True,
    link: bool = False,
) -> None:
    """Two bent bars, one at either side, that stand on the floor with their length.

    Closed runners rise at front and rear (1 handle each), open ones only at the front
    (cantilever); a link between them behind closes one more loop.

    Args:
        body: What they carry.
        half_width: Distance of the runners from the middle.
        half_depth: Half of their length.
        height: Of their ends, inside what they carry.
        thickness: Of the bar.
        round_: Whether the bar is round.
        closed: Whether they rise at the rear too.
        link: Whether a bar joins them on the floor behind.
    """
    floor = thickness / 2
    corners = [[height, half_depth], [floor, half_depth], [floor, -half_depth]]
    corners += [[height, -half_depth]] if closed else []
    for x in (-half_width, half_width):
        path = np.array([[x, y, z] for y, z in corners])
        path = parts.fillet(path, 3 * thickness) if round_ else path
        body.glue(
            parts.sweep(path, thickness, thickness, X_AXIS, round_=round_), 2 if closed else 1
        )
    if link:
        z = -half_depth + (min(4 * thickness, half_depth) if closed else 0.6 * thickness)
        left, right = [-half_width, floor, z], [half_width, floor, z]
        body.glue(bar(left, right, 0.9 * thickness, round_=round_), 2)
