"""DeepSDF's samples of a signed distance, and points of the visible surface."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .grids import Grid
from .orientation import Vertices, sample_triangles, unit_normals
from .signed_distance import Solid, area_of, closest_on

NEAR_VARIANCES = (0.005, 0.0005)
"""Variances of the normal offsets from the surface, half of the near samples each (DeepSDF)."""
NEAR_SHARE = 0.94
"""Share of the samples that lie near the surface; the others are uniform in [-1, 1]^3."""
_BURIED = 1e-4
"""How deep below another part's surface a point no longer counts as one of the surface."""
_STEPS_OUT, _NEARLY_OUT = 3, 2e-3
"""Of a thin part's points; the first step ends on the thick surface where sides are parallel."""
_MOST_DRAWS = 16
_LEAST_FOUND = 0.02


class HardlyAnyInside(ValueError):
    """A shape that fills so little space that inside samples cannot be drawn."""


def sample_signed_distance(
    solid: Solid, grid: Grid, count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw as many samples inside as outside.

    Points are drawn as DeepSDF draws them, near the surface and uniform, until both sides have
    their half; what is too much on a side is dropped, so each side has DeepSDF's distribution
    *given the side*. Very thin shapes may not fill the inner half within 16 x `count` draws; their
    inner samples are then repeated.

    Args:
        solid: the shape.
        grid: its signed distance, which spares the evaluation of points that are not needed.
        count: of samples m, even.
        rng: source of randomness.

    Returns:
        shape (2, m / 2, 4): inside and outside points in random order, x, y, z, distance.

    Raises:
        HardlyAnyInside: if less than 2 % of a half is found.
    """
    half = count // 2
    kept: tuple[list[Vertices], list[Vertices]] = ([], [])
    found = np.zeros(2, dtype=int)
    drawn = 0
    while found.min() < half and drawn < _MOST_DRAWS * count:
        points = _draw(solid, _next_draws(found, drawn, count), rng)
        drawn += len(points)
        if found[1] == half:
            points = points[~grid.known_outside(points)]
        distance = solid.signed_distance(points)
        for side, chosen in enumerate((distance < 0, distance >= 0)):
            samples = np.column_stack([points[chosen], distance[chosen]])[: half - found[side]]
            kept[side].append(samples)
            found[side] += len(samples)
    if found.min() < max(_LEAST_FOUND * half, 1):
        raise HardlyAnyInside(
            f"hardly any volume: {found.min()} of {drawn} samples lie on one of the sides"
        )
    both = [np.resize(np.concatenate(samples), (half, 4)) for samples in kept]
    return np.stack([rng.permutation(samples) for samples in both]).astype(np.float32)


def _next_draws(found: NDArray[np.int64], drawn: int, count: int) -> int:
    """How many points will probably fill the side that lacks most."""
    if drawn == 0:
        return count
    needed = (count // 2 - found.min()) * drawn / max(int(found.min()), 1)
    return int(np.clip(1.05 * needed, count // 20, 4 * count))


def sample_surface(solid: Solid, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw points uniform by area on the surface of the solid, shape (count, 3).

    Sheets contribute both sides, half their thickness away; what one of them buries does not
    count. Points of parts that were too thin are those of the thin surface, moved outwards.
    """
    if not len(solid.sheets) and not len(solid.thin_middles):
        return sample_triangles(solid.separating, count, rng)[0].astype(np.float32)
    bare = replace(solid, thin_middles=solid.thin_middles[:0])
    points: list[Vertices] = []
    while sum(map(len, points)) < count:
        candidates, normals = _draw_skin(solid, count + count // 4, rng)
        if len(solid.sheets):
            visible = bare.signed_distance(candidates) > -_BURIED
            candidates, normals = candidates[visible], normals[visible]
        points.append(_moved_out(solid, candidates, normals))
    return np.concatenate(points)[:count].astype(np.float32)


def _moved_out(solid: Solid, points: Vertices, normals: Vertices) -> Vertices:
    """Points of thin parts, moved to the surface of what these have become; not those it buries."""
    if not len(solid.thin_middles):
        return points
    moved = points
    for _ in range(_STEPS_OUT):
        depth = solid.least_thickness / 2 - closest_on(solid.thin_middles, moved)[0]
        moved = moved + np.maximum(depth, 0)[:, None] * normals
    visible = (moved == points).all(axis=1)
    visible[~visible] = solid.signed_distance(moved[~visible]) > -_NEARLY_OUT
    seen: Vertices = moved[visible]
    return seen


def _draw_skin(solid: Solid, count: int, rng: np.random.Generator) -> tuple[Vertices, Vertices]:
    """Points on separating faces and on both sides of sheets, uniform by area, mixed; normals."""
    sheet_area = 2 * area_of(solid.sheets)
    share = sheet_area / (sheet_area + area_of(solid.separating))
    on_sheets = int(rng.binomial(count, share))
    points, normals = _draw_faces(solid.sheets, on_sheets, rng)
    normals *= rng.choice([-1, 1], size=(on_sheets, 1))
    points += solid.sheet_thickness / 2 * normals
    others, other_normals = _draw_faces(solid.separating, count - on_sheets, rng)
    order = rng.permutation(count)
    return (
        np.concatenate([points, others])[order],
        np.concatenate([normals, other_normals])[order],
    )


def _draw_faces(faces: Vertices, count: int, rng: np.random.Generator) -> tuple[Vertices, Vertices]:
    """Points uniform by area on triangles (m, 3, 3), and their normals."""
    if count == 0:
        return np.empty((0, 3)), np.empty((0, 3))
    points, chosen = sample_triangles(faces, count, rng)
    return points, unit_normals(faces)[chosen]


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
