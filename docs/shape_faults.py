"""Faults of generated shapes, made on purpose: what `make_score_faults.py` shows the scores."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float32]
"""(R, R, R) signed distance in the shape frame, negative inside, y up."""
Fault = Callable[[Field, np.random.Generator], Field]

GAP = 0.06  # normalised units: height of a cut through legs
CRUMBS, CRUMB_RADIUS = 3, 0.06
LONGEST_FILLED = 0.5  # normalised units: wider openings stay open
NOISE, NOISE_LENGTH = 0.02, 0.1  # deviation and correlation length of noise, normalised units


def step_of(field: Field) -> float:
    """Spacing of the grid."""
    return 2 / (len(field) - 1)


def axes_of(field: Field) -> tuple[NDArray[np.float64], ...]:
    """Coordinates x, y, z of the vertices, each (R, 1, 1), (1, R, 1), (1, 1, R)."""
    axis = np.linspace(-1, 1, len(field))
    return axis[:, None, None], axis[None, :, None], axis[None, None, :]


def moved(steps: int) -> Fault:
    """Shapes moved to the right by so many vertices of the grid."""

    def move(field: Field, random: np.random.Generator) -> Field:
        return np.concatenate([np.repeat(field[:1], steps, axis=0), field[:-steps]])

    return move


def torn(one: bool) -> Fault:
    """All that is a fifth of its height above the ground is cut through; or one quarter of it."""

    def tear(field: Field, random: np.random.Generator) -> Field:
        x, y, z = axes_of(field)
        heights = np.broadcast_to(y, field.shape)[field <= 0]
        cut = np.abs(y - heights.min() - 0.2 * np.ptp(heights)) - GAP / 2
        if one:
            cut = np.maximum(np.maximum(cut, x), z)
        return np.maximum(field, -cut).astype(np.float32)

    return tear


def crumbled(field: Field, random: np.random.Generator) -> Field:
    """Small balls float beside the shape."""
    x, y, z = axes_of(field)
    for _ in range(CRUMBS):
        room = np.argwhere(field > CRUMB_RADIUS + 3 * step_of(field))
        cx, cy, cz = -1 + step_of(field) * random.choice(room)
        away = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2)
        field = np.minimum(field, away - CRUMB_RADIUS).astype(np.float32)
    return field


def filled_handles(field: Field, random: np.random.Generator) -> Field:
    """Openings between parts that stand side by side are walled up."""
    inside = field <= 0
    longest = int(LONGEST_FILLED / step_of(field))
    before = np.maximum.accumulate(np.where(inside, _places(inside), -len(field)), axis=0)
    after = np.flip(
        np.maximum.accumulate(np.where(np.flip(inside, 0), _places(inside), -len(field)), axis=0),
        0,
    )
    after = len(field) - 1 - after
    return _with(field, ~inside & (after - before - 1 <= longest))


def filled_cavities(field: Field, random: np.random.Generator) -> Field:
    """Cavities are filled."""
    inside = field <= 0
    return _with(field, ndimage.binary_fill_holes(inside) & ~inside)


def hollowed(field: Field, random: np.random.Generator) -> Field:
    """Thick parts have a cavity."""
    return np.maximum(field, -(field + 1.5 * step_of(field))).astype(np.float32)


def noisy(field: Field, random: np.random.Generator) -> Field:
    """Values are wrong by smooth noise."""
    noise = ndimage.gaussian_filter(
        random.standard_normal(field.shape), NOISE_LENGTH / step_of(field)
    )
    return (field + NOISE * noise / noise.std()).astype(np.float32)


def _places(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.broadcast_to(np.arange(len(inside))[:, None, None], inside.shape)


def _with(field: Field, added: NDArray[np.bool_]) -> Field:
    """The union of the solid with some vertices' cells; the field stays a distance outside."""
    if not added.any():
        return field
    half = step_of(field) / 2
    to_added = step_of(field) * (
        ndimage.distance_transform_edt(~added) - ndimage.distance_transform_edt(added)
    )
    return np.minimum(field, to_added + np.where(added, half, -half)).astype(np.float32)
