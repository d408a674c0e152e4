"""Solids that furniture is made of: slabs, legs, bars, turnings, cushions.

All are :class:`manifold3d.Manifold` in metres, y up; outlines are points (x, z) of the plan.
Except for swept bars and turnings every solid is the convex hull of a few points.
"""

from __future__ import annotations

import manifold3d
import numpy as np
from manifold3d import CrossSection, Manifold
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "box",
    "cushion",
    "disc",
    "fillet",
    "lean",
    "leg",
    "rectangle",
    "ring_bar",
    "slab",
    "superellipse",
    "sweep",
    "trapezium",
    "turning",
]

Points = NDArray[np.float64]


def rectangle(width: float, depth: float, corner: float = 0.0, steps: int = 5) -> Points:
    """Outline (n, 2) of a rectangle about the origin, with corners rounded by ``corner``."""
    half = np.array([width, depth]) / 2
    if corner <= 0:
        corners: Points = half * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
        return corners
    corner = min(corner, 0.999 * half.min())
    angles = np.linspace(0, np.pi / 2, steps)
    quarter = np.stack([np.cos(angles), np.sin(angles)], axis=1) * corner + half - corner
    mirrored = quarter[::-1] * [-1, 1]
    return np.concatenate([quarter, mirrored, -quarter, -mirrored])


def superellipse(width: float, depth: float, power: float = 2.0, segments: int = 40) -> Points:
    """Outline (n, 2) |x / a|^p + |z / b|^p = 1; p = 2 is an ellipse, larger p is boxier."""
    angles = np.arange(segments) * 2 * np.pi / segments
    c, s = np.cos(angles), np.sin(angles)
    outline = np.stack(
        [np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)]
    )
    return outline.T * [width / 2, depth / 2]


def trapezium(outline: Points, front: float) -> Points:
    """Widen an outline towards its front (+z) by the factor ``front``, linearly from the back."""
    low, high = outline[:, 1].min(), outline[:, 1].max()
    share = (outline[:, 1] - low) / (high - low)
    tapered: Points = outline * np.stack([1 + (front - 1) * share, np.ones(len(outline))], axis=1)
    return tapered


def disc(diameter: float, segments: int = 20) -> Points:
    """Outline (segments, 2) of a circle about the origin."""
    return superellipse(diameter, diameter, 2.0, segments)


def box(low: ArrayLike, high: ArrayLike) -> Manifold:
    """The box between two opposite corners."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    return Manifold.cube(tuple(high - low)).translate(tuple(low))


def slab(
    outline: Points,
    bottom: float,
    top: float,
    edge: float = 0.0,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Manifold:
    """An upright prism over a convex outline, its edges rounded by ``edge``."""
    layers = [(bottom, 0.0), (top, 0.0)]
    if edge > 0:
        edge = min(edge, 0.49 * (top - bottom))
        angles = np.radians([0, 30, 60, 90])
        rounding = zip(edge * np.sin(angles), edge * (1 - np.cos(angles)), strict=True)
        layers = [
            (height, inset)
            for rise, inset in rounding
            for height in (bottom + edge - rise, top - edge + rise)
        ]
    half = np.abs(outline).max(axis=0)
    points = [
        _at_height(outline * np.maximum(1 - inset / half, 0.02) + centre, height)
        for height, inset in layers
    ]
    return Manifold.hull_points(np.concatenate(points))


def leg(
    foot: ArrayLike, top: ArrayLike, bottom: float, height: float, outline: Points, taper: float
) -> Manifold:
    """A straight leg from ``foot`` (x, z) on the floor to ``top`` (x, z), with level ends.

    Args:
        foot: Plan position of the lower end.
        top: Plan position of the upper end.
        bottom: Height of the lower end.
        height: Height of the upper end.
        outline: Section at the upper end, (n, 2).
        taper: Size of the lower end relative to the upper one.
    """
    ends = [
        _at_height(outline * taper + np.asarray(foot), bottom),
        _at_height(outline + np.asarray(top), height),
    ]
    return Manifold.hull_points(np.concatenate(ends))


def turning(
    profile: ArrayLike, foot: ArrayLike = (0, 0), top: ArrayLike = (0, 0), segments: int = 24
) -> Manifold:
    """A lathe-turned solid, sheared so that its axis goes from ``foot`` to ``top`` (x, z).

    Args:
        profile: (radius, height) from bottom to top, (n, 2).
        foot: Plan position of the lower end of the axis.
        top: Plan position of the upper end.
        segments: Corners of the round section.
    """
    profile = np.asarray(profile, dtype=float)
    low, high = profile[0, 1], profile[-1, 1]
    closed = np.concatenate([[[0, low]], profile, [[0, high]]])
    spun = Manifold.revolve(CrossSection([closed]), segments).rotate((-90, 0, 0))
    slope = (np.asarray(top, float) - foot) / (high - low)
    shift = np.asarray(foot, float) - slope * low
    return spun.transform(
        np.array([[1, slope[0], 0, shift[0]], [0, 1, 0, 0], [0, slope[1], 1, shift[1]]])
    )


def sweep(
    path: ArrayLike, width: float, thickness: float, axis: ArrayLike, *, round_: bool = False
) -> Manifold:
    """A bar along a flat open path, mitred at its corners.

    Args:
        path: Points (n, 3) in one plane; corners must turn by less than a right angle or so.
        width: Extent along ``axis``.
        thickness: Extent in the plane, across the path.
        axis: Unit normal (3,) of the plane.
        round_: Whether the section is an ellipse rather than a rectangle.
    """
    return _tube(np.asarray(path, float), width, thickness, np.asarray(axis, float), round_, False)


def ring_bar(
    path: ArrayLike, width: float, thickness: float, axis: ArrayLike, *, round_: bool = False
) -> Manifold:
    """A bar along a flat closed path (its first point is not repeated): one handle."""
    return _tube(np.asarray(path, float), width, thickness, np.asarray(axis, float), round_, True)


def _tube(
    path: Points, width: float, thickness: float, axis: Points, round_: bool, closed: bool
) -> Manifold:
    section = disc(1.0, 12) if round_ else rectangle(1.0, 1.0, 0.12, 3)
    section = section * [thickness, width]
    steps = np.diff(path, axis=0, append=path[:1]) if closed else np.diff(path, axis=0)
    across = np.cross(axis, steps)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    if closed:
        before, after = np.roll(across, 1, axis=0), across
    else:
        before, after = np.vstack([across[:1], across]), np.vstack([across, across[-1:]])
    mitre = (before + after) / (1 + np.einsum("ij,ij->i", before, after))[:, None]
    rings = path[:, None] + section[:, 0, None] * mitre[:, None] + section[:, 1, None] * axis
    return _manifold(rings.reshape(-1, 3), _tube_faces(len(path), len(section), closed))


def _tube_faces(rings: int, corners: int, closed: bool) -> NDArray[np.int64]:
    ring, corner = np.meshgrid(
        np.arange(rings if closed else rings - 1), np.arange(corners), indexing="ij"
    )
    following, turned = (ring + 1) % rings * corners, (corner + 1) % corners
    ring = ring * corners
    a, b, c, d = ring + corner, ring + turned, following + turned, following + corner
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    if not closed:
        fan = np.arange(1, corners - 1)
        cap = np.stack([np.zeros_like(fan), fan, fan + 1], axis=1)
        faces += [cap[:, ::-1], cap + (rings - 1) * corners]
    return np.concatenate(faces)


def fillet(path: ArrayLike, radius: float, steps: int = 5, *, closed: bool = False) -> Points:
    """Round the corners of a polygonal path (n, 3) by parabolic arcs of about ``radius``."""
    path = np.asarray(path, dtype=float)
    rounded = [] if closed else [path[:1]]
    corners = range(len(path)) if closed else range(1, len(path) - 1)
    for i in corners:
        here = path[i]
        legs = [path[i - 1] - here, path[(i + 1) % len(path)] - here]
        lengths = [np.linalg.norm(one) for one in legs]
        start, end = (
            here + one / length * min(radius, 0.45 * length)
            for one, length in zip(legs, lengths, strict=True)
        )
        t = np.linspace(0, 1, steps)[:, None]
        rounded.append((1 - t) ** 2 * start + 2 * t * (1 - t) * here + t**2 * end)
    return np.concatenate(rounded if closed else [*rounded, path[-1:]])


def cushion(low: ArrayLike, high: ArrayLike, edge: float, crown: float = 0.0) -> Manifold:
    """A box with round edges and corners, its upper face bulging by ``crown``."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    middle, half = (low + high) / 2, (high - low) / 2
    edge = min(edge, 0.98 * half.min())
    angles = np.radians([0, 30, 60, 90])
    polar, turn = (grid.ravel() for grid in np.meshgrid(angles, angles))
    octant = np.stack(
        [np.sin(polar) * np.cos(turn), np.cos(polar), np.sin(polar) * np.sin(turn)], axis=1
    )
    corner = octant * edge + half - edge
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).T.reshape(-1, 1, 3)
    points = [(corner * signs).reshape(-1, 3)]
    if crown > 0:
        for share, rise in ((0.75, 0.55), (0.4, 1.0)):
            plate = rectangle(2 * half[0] * share, 2 * half[2] * share, half.min() * 0.5)
            points.append(_at_height(plate, half[1] + rise * crown))
    return Manifold.hull_points(np.concatenate(points) + middle)


def lean(degrees: float, height: float, z: float) -> NDArray[np.float64]:
    """The matrix (3, 4) that tips things backwards (towards -z) about the line y, z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    pivot = np.array([0, height, z])
    return np.concatenate([turn, (pivot - turn @ pivot)[:, None]], axis=1)


def _at_height(outline: Points, height: float) -> Points:
    return np.insert(outline, 1, height, axis=1)


def _manifold(vertices: Points, faces: NDArray[np.int64]) -> Manifold:
    mesh = manifold3d.Mesh64(
        vert_properties=np.ascontiguousarray(vertices, dtype=np.float64),
        tri_verts=np.ascontiguousarray(faces, dtype=np.uint64),
    )
    return Manifold(mesh)
