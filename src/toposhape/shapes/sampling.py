"""DeepSDF's samples of a signed distance, and points of the visible surface."""

import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.orientation import sample_triangles, unit_normals
from toposhape.shapes.signed_distance import Solid, Vertices, area_of

NEAR_VARIANCES = (0.005, 0.0005)
"""Variances of the normal offsets from the surface, half of the near samples each (DeepSDF)."""
NEAR_SHARE = 0.94
"""Share of the samples that lie near the surface; the others are uniform in [-1, 1]^3."""
_MOST_DRAWS = 12
_LEAST_FOUND = 0.02


class HardlyAnyInside(ValueError):
    """A shape that fills so little space that inside samples cannot be drawn."""


def sample_signed_distance(
    solid: Solid, count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw as many samples inside as outside.

    Points are drawn as DeepSDF draws them, near the surface and uniform, until both sides have
    their half; what is too much on a side is dropped, so each side has DeepSDF's distribution
    *given the side*. Very thin shapes may not fill the inner half within 12 x `count` draws; their
    inner points are then repeated.

    Returns:
        shape (2, count // 2, 4): inside and outside points in random order, x, y, z, distance.

    Raises:
        HardlyAnyInside: if less than 2 % of a half is found.
    """
    half = count // 2
    kept: list[list[Vertices]] = [[], []]
    found = np.zeros(2, dtype=int)
    drawn = 0
    while found.min() < half and drawn < _MOST_DRAWS * count:
        batch = int(min(max(count, (half - found.min()) * drawn / max(found.min(), 1)), 4 * count))
        points = _draw(solid, batch, rng)
        drawn += batch
        outside = (~solid.is_inside(points)).astype(int)
        for side in (0, 1):
            chosen = points[outside == side][: half - found[side]]
            kept[side].append(chosen)
            found[side] += len(chosen)
    if found.min() < max(_LEAST_FOUND * half, 1):
        raise HardlyAnyInside(
            f"hardly any volume: {found.min()} of {drawn} samples are on one of the sides"
        )
    sides = [np.concatenate(points) for points in kept]
    sides = [np.resize(points, (half, 3)) for points in sides]
    points = np.concatenate([rng.permutation(points) for points in sides])
    distance = solid.signed_distance(points, inside=np.arange(2 * half) < half)
    return np.column_stack([points, distance]).reshape(2, half, 4).astype(np.float32)


def sample_surface(solid: Solid, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw points uniform by area on the surface of the solid, shape (count, 3).

    Sheets contribute both sides, half their thickness away; what one of them buries does not
    count.
    """
    if not len(solid.sheets):
        return sample_triangles(solid.separating, count, rng)[0].astype(np.float32)
    points: list[Vertices] = []
    while sum(map(len, points)) < count:
        candidates = _draw_skin(solid, 2 * count, rng)
        points.append(candidates[solid.signed_distance(candidates) > -1e-4])
    return np.concatenate(points)[:count].astype(np.float32)


def _draw_skin(solid: Solid, count: int, rng: np.random.Generator) -> Vertices:
    """Points on separating faces and on both sides of sheets, uniform by area, mixed."""
    sheet_area = 2 * area_of(solid.sheets)
    share = sheet_area / (sheet_area + area_of(solid.separating))
    on_sheets = int(rng.binomial(count, share))
    points, chosen = sample_triangles(solid.sheets, on_sheets, rng)
    side = rng.choice([-0.5, 0.5], size=(on_sheets, 1)) * solid.sheet_thickness
    points = points + side * unit_normals(solid.sheets)[chosen]
    if on_sheets < count:
        others = sample_triangles(solid.separating, count - on_sheets, rng)[0]
        points = np.concatenate([points, others])
    return rng.permutation(points)


def _draw(solid: Solid, count: int, rng: np.random.Generator) -> Vertices:
    """DeepSDF's points: normal offsets of two variances around the surface, and uniform ones."""
    near = round(NEAR_SHARE * count / 2)
    surface = np.concatenate([solid.separating, solid.sheets])
    around = [
        sample_triangles(surface, near, rng)[0] + rng.normal(scale=variance**0.5, size=(near, 3))
        for variance in NEAR_VARIANCES
    ]
    uniform = rng.uniform(-1, 1, size=(count - 2 * near, 3))
    return rng.permutation(np.concatenate([*around, uniform]))
