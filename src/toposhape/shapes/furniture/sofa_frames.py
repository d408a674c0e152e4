"""Arms and backs of sofas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold

from . import parts, supports
from .body import Body
from .design import Design

__all__ = ["Frame", "draw_frame", "glue_arms_with_openings", "glue_back", "glue_solid_arms"]

SUPPORTS = {"legs": 50, "runners": 12, "plinth": 18, "block": 20}
BACKS = {"block": 32, "sloped": 26, "soft": 20, "bars": 9, "gap": 8, "none": 5}
ARMS = {"block": 27, "soft": 20, "rolled": 14, "sloped": 10, "frame": 14, "slatted": 7, "none": 8}
SOLID_ARMS = ("block", "soft", "rolled", "sloped")
SOLID_BACKS = ("block", "sloped", "soft")


@dataclass(frozen=True)
class Frame:
    """The measures of a sofa's frame, in metres.

    Attributes:
        seats: Number of seats.
        half_inside: Half of the width between the arms.
        arm: Width of an arm or thickness of its bars; 0 without arms.
        depth: Of the sofa without its chaise, front to rear.
        floor: Height of the base's underside.
        base: Height of the base's upper side.
        seat: Height of the seat cushions.
        back: Height of the back.
        back_depth: Thickness of the back; 0 without one.
        edge: Radius of the cushions' edges.
        chaise: How far the right seat stands out in front, 0 without a chaise.
        storage: Whether the base is hollow.
        arms: Kind of arms.
        back_kind: Kind of back.
        support: What it stands on.
    """

    seats: int
    half_inside: float
    arm: float
    depth: float
    floor: float
    base: float
    seat: float
    back: float
    back_depth: float
    edge: float
    chaise: float
    storage: bool
    arms: str
    back_kind: str
    support: str

    @property
    def solid_arms(self) -> bool:
        """Whether the arms are solid down to the base."""
        return self.arms in SOLID_ARMS

    @property
    def solid_back(self) -> bool:
        """Whether the back is solid down to the base."""
        return self.back_kind in SOLID_BACKS

    @property
    def half_base(self) -> float:
        """Half of the width of base and back: it reaches into solid arms, below open ones."""
        return self.half_inside + (0.5 if self.solid_arms else 1.1) * self.arm

    @property
    def post(self) -> float:
        """Distance of posts from the middle, along x."""
        if not self.arm:
            return self.half_inside - 0.05
        return self.half_inside + (0.5 if self.solid_arms else 0.6) * self.arm

    @property
    def sink(self) -> float:
        """How deep cushions sink into what they touch: over 0.43 edges no corner stays hollow."""
        return 0.45 * self.edge

    @property
    def cushion_rear(self) -> float:
        """Where cushions end behind, along z: in a solid back, before an open one."""
        rear = -self.depth / 2 + self.back_depth
        return rear - self.sink if self.solid_back else rear + 0.03

    @property
    def arm_height(self) -> float:
        """Greatest height of arms that leaves the back higher."""
        return self.back - 0.05 if self.back_kind != "none" else self.back


def draw_frame(design: Design) -> Frame:
    """Draw kinds and measures of a sofa's frame."""
    seats = int(design.choice("seats", {"1": 15, "2": 38, "3": 40, "4": 7}))
    half = seats * design.real("seat width", 0.56, 0.70) / 2
    depth, height = design.real("depth", 0.78, 0.95), design.real("back height", 0.70, 0.90)
    design.set_extent(2 * half + 0.3, height, depth)
    back_kind = design.choice("back", BACKS)
    arms = design.choice("arms", ARMS if back_kind != "none" else {"none": 3, "soft": 1})
    arm = design.real("arm width", 0.11, 0.23) if arms in SOLID_ARMS else 0.0
    if arms in ("frame", "slatted"):
        arm = design.thickness("arm bar", 0.045, 0.06)
    chaise = 0.0
    if seats > 1 and design.yes("chaise", 0.2):
        chaise = design.real("chaise length", 0.45, 0.7)
        design.set_extent(2 * half + 0.3, height, depth + chaise)
    support = design.choice("support", SUPPORTS | ({"runners": 0} if chaise else {}))
    storage = support in ("plinth", "block") and design.yes("storage", 0.5)
    floor = 0.04 if support == "plinth" else 0.0
    if support in ("legs", "runners"):
        floor = max(design.real("clearance", 0.1, 0.18), 1.9 * design.least)
    seat = design.real("seat height", 0.41, 0.47) + (0.05 if storage else 0.0)
    base = max(seat - (0.09 if storage else 0.13), floor + 0.1)
    height = max(height, seat + 0.3)
    deep = {"none": 0.0, "bars": 1.3 * max(0.055, design.least), "gap": 0.12}
    return Frame(
        seats=seats,
        half_inside=half,
        arm=arm,
        depth=depth,
        floor=floor,
        base=base,
        seat=max(seat, base + 0.1),
        back=height if back_kind != "none" else seat + 0.2,
        back_depth=deep[back_kind] if back_kind in deep else design.real("back depth", 0.13, 0.2),
        edge=design.real("cushion edge", 0.035, 0.06),
        chaise=chaise,
        storage=storage,
        arms=arms,
        back_kind=back_kind,
        support=support,
    )


def glue_solid_arms(body: Body, design: Design, frame: Frame) -> None:
    """Solid arms on both sides of the base, if the sofa has such."""
    if not frame.solid_arms:
        return
    height = min(frame.seat + design.real("arm height", 0.1, 0.24), frame.arm_height)
    if frame.back_kind == "gap":  # the hung panel must reach well below the arms' upper side
        height = max(height, frame.seat + 0.17)
    slope = design.real("arm slope", 0.06, 0.14) if frame.arms == "sloped" else 0.0
    for side in (-1, 1):
        solid = _solid_arm(frame, height, slope)
        body.glue(solid if side > 0 else solid.mirror((1, 0, 0)))


def _solid_arm(frame: Frame, height: float, slope: float) -> Manifold:
    """The right arm."""
    near, far, z = frame.half_inside, frame.half_inside + frame.arm, frame.depth / 2
    bottom = frame.floor + 0.004
    if frame.arms == "soft":
        return parts.cushion([near, bottom, -z], [far, height, z], min(0.06, 0.4 * frame.arm))
    if frame.arms == "sloped":
        profile = [(bottom, -z), (height, -z), (height, -0.4 * z), (height - slope, z), (bottom, z)]
        return Manifold.hull_points(np.array([[x, *p] for x in (near, far) for p in profile]))
    if frame.arms == "rolled":
        radius = 0.56 * frame.arm
        roll = parts.slab(parts.disc(2 * radius, 24), -z, z + 0.015, 0.012).rotate((90, 0, 0))
        roll = roll.translate((near + radius + 0.002, height - radius, 0.0))
        return roll + parts.box([near, bottom, -z + 0.01], [far - 0.01, height - radius, z])
    outline = parts.rectangle(far - near, height - bottom, 0.02, 4)
    block = parts.slab(outline, -z, z, 0.012).rotate((90, 0, 0))
    return block.translate(((near + far) / 2, (bottom + height) / 2, 0.0))


def glue_back(body: Body, design: Design, frame: Frame) -> None:
    """The back: solid, on bars, or hung between posts over a gap."""
    if frame.back_kind == "none":
        return
    x, rear = frame.half_base - 0.002, -frame.depth / 2
    front = rear + frame.back_depth
    bottom = frame.floor + 0.008
    if frame.back_kind == "block":
        body.glue(parts.box([-x, bottom, rear - 0.002], [x, frame.back, front]))
    elif frame.back_kind == "soft":
        low, high = [-x, bottom - 0.004, rear - 0.004], [x, frame.back, front]
        body.glue(parts.cushion(low, high, 0.4 * frame.back_depth))
    elif frame.back_kind == "sloped":
        lean = design.real("back lean", 0.04, 0.1)
        profile = [(bottom, rear - 0.002), (bottom, front), (frame.seat, front)]
        profile += [(frame.back, rear - lean), (frame.back, front - 0.9 * lean)]
        body.glue(Manifold.hull_points(np.array([[s, *p] for s in (-x, x) for p in profile])))
    else:
        _glue_open_back(body, design, frame)


def _glue_open_back(body: Body, design: Design, frame: Frame) -> None:
    """Two posts, between them a rail with bars (1 handle and 1 a bar) or a panel (1 handle)."""
    t = max(0.055, design.least) if not design.thin else 0.035
    z, anchor = -frame.depth / 2 + 0.5 * frame.back_depth, (frame.floor + frame.base) / 2
    outline = parts.rectangle(t, t, 0.1 * t, 3)
    for x in (-frame.post, frame.post):
        body.glue(parts.leg((x, z), (x, z), anchor, frame.back, outline, 1.0))
    if frame.back_kind == "gap":
        low = [-frame.post, frame.seat + 0.1, z - 0.5 * frame.back_depth]
        high = [frame.post, frame.back + 0.01, z + 0.5 * frame.back_depth]
        body.glue(parts.cushion(low, high, 0.03), 2)
        return
    y = frame.back - 0.6 * t
    body.glue(parts.sweep([[-frame.post, y, z], [frame.post, y, z]], 0.9 * t, t, (0, 0, 1)), 2)
    clear = frame.half_inside - (0.0 if frame.solid_arms else 0.02)
    bars = min(design.count("bars", 2, 6), int(2 * clear / (t + 0.07)) - 1)
    for x in (np.arange(bars) + 1) * 2 * clear / (bars + 1) - clear:
        ends = [[x, anchor, z], [x, y, z]]
        body.glue(parts.sweep(ends, 0.8 * t, t, (0, 0, 1)), 2)


def glue_arms_with_openings(body: Body, design: Design, frame: Frame) -> None:
    """Arms of bars: a post in front, a rail from there into the back (1 handle), perhaps bars."""
    if frame.arms not in ("frame", "slatted"):
        return
    t = frame.arm
    height = min(frame.seat + design.real("arm height", 0.16, 0.24), frame.arm_height - t)
    front, anchor = frame.depth / 2 - 0.02 - 0.6 * t, (frame.floor + frame.base) / 2
    rear = -frame.depth / 2 + 0.5 * frame.back_depth
    bars = design.count("arm bars", 1, 3) if frame.arms == "slatted" else 0
    outline = parts.rectangle(t, t, 0.1 * t, 3)
    for x in (-frame.post, frame.post):
        body.glue(parts.leg((x, front), (x, front), anchor, height, outline, 1.0))
        over = front + 0.7 * t
        body.glue(supports.bar([x, height, rear], [x, height, over], 1.02 * t), 2)
        start = rear + 0.5 * frame.back_depth
        for k in range(bars):
            z = start + (front - start) * (k + 1) / (bars + 1)
            body.glue(parts.leg((x, z), (x, z), anchor, height, 0.9 * outline, 1.0), 2)
