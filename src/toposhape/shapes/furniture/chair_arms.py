"""Arms of chairs."""

from __future__ import annotations

from . import parts, supports
from .body import Body
from .chair_backs import Back
from .design import Design

__all__ = ["glue_arms"]


def glue_arms(body: Body, design: Design, back: Back, width: float, depth: float) -> None:
    """Draw arms, or none, between the back and the front of the seat.

    Bracket arms rest on a support and run into the back (1 handle each); board arms stand on the
    seat's sides and touch the back along their rear edge, in one spot with the seat: no handle.

    Args:
        body: Seat and back.
        design: Draws the arms.
        back: Where the back stands.
        width: Of the seat.
        depth: Of the seat.
    """
    boards = design.choices["back"] in ("panel", "upholstered", "framed panel", "open")
    kind = design.choice("arms", {"none": 60, "bracket": 30, "board": 16 if boards else 0})
    if kind == "none":
        return
    t = design.thickness("arm thickness", 0.032, 0.046)
    v = min(design.real("arm height", 0.17, 0.24), back.edge - 0.7 * t)
    rear = back.matrix[:, :3] @ back.point(back.half_width, v) + back.matrix[:, 3]
    front = design.real("arm length", 0.5, 0.8) * (depth / 2 - t)
    x = max(back.half_width, width / 2 - 0.6 * t) if kind == "bracket" else back.half_width
    for sign in (-1, 1):
        if kind == "bracket":
            spot, section = (sign * x, front), parts.rectangle(0.8 * t, 0.8 * t, 0.1 * t, 3)
            body.glue(parts.leg(spot, spot, back.anchor, rear[1], section, 1.0))
            over = [sign * x, rear[1], front + 0.8 * t]
            body.glue(supports.bar(rear * [sign, 1, 1], over, t), 2)
        else:
            low = [sign * x - t / 2, back.anchor, rear[2]]
            body.glue(parts.box(low, [sign * x + t / 2, rear[1], front]))
