"""Fields like signed distances on [-1, 1]^3, negative inside, to measure persistence on."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
SLAB = 8
"""Planes of the grid that are evaluated together, to keep temporaries small."""


def sampled(function: Callable[[NDArray[np.float64]], NDArray[np.float64]], size: int) -> Field:
    """Sample a function of points ``(n, 3)`` on a grid of ``size``^3 vertices."""
    axis = np.linspace(-1, 1, size)
    field = np.empty((size, size, size), dtype=np.float32)
    for start in range(0, size, SLAB):
        grid = np.meshgrid(axis[start : start + SLAB], axis, axis, indexing="ij")
        points = np.stack(grid, axis=-1).reshape(-1, 3)
        field[start : start + SLAB] = function(points).reshape(-1, size, size)
    return field


def box_distance(
    points: NDArray[np.float64], centre: tuple[float, ...], half: tuple[float, ...]
) -> NDArray[np.float64]:
    """Signed distance to a box."""
    beyond = np.abs(points - centre) - half
    return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(axis=1), 0)


def chair_boxes(seed: int) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Centres and half sizes of a random chair's boxes: seat, legs, back, slats, stretchers."""
    rng = np.random.default_rng(seed)
    width, depth, seat = rng.uniform([0.35, 0.35, -0.2], [0.55, 0.55, 0.1])
    leg, top = rng.uniform([0.04, 0.6], [0.08, 0.85])
    middle, half = (seat - 0.8) / 2, (seat + 0.8) / 2
    boxes = [((0, seat, 0), (width, 0.06, depth)), ((0, top, leg - depth), (width, leg, 0.05))]
    for x in (leg - width, width - leg):
        boxes += [((x, middle, z), (leg, half, leg)) for z in (leg - depth, depth - leg)]
        boxes += [((x, (seat + top) / 2, leg - depth), (leg, (top - seat) / 2, 0.05))]
    slats = rng.integers(0, 6)
    for x in np.linspace(-width, width, slats + 2)[1:-1]:
        boxes += [((x, (seat + top) / 2, leg - depth), (0.03, (top - seat) / 2, 0.03))]
    if rng.random() < 0.5:
        boxes += [((0, middle, z), (width, leg / 2, leg / 2)) for z in (leg - depth, depth - leg)]
        boxes += [((x, middle, 0), (leg / 2, leg / 2, depth)) for x in (leg - width, width - leg)]
    return boxes


def chair(size: int, seed: int) -> Field:
    """Signed distance (a bound inside) of a union of boxes."""
    boxes = chair_boxes(seed)
    return sampled(lambda p: np.min([box_distance(p, *box) for box in boxes], axis=0), size)


def network(size: int, seed: int) -> Field:
    """An untrained network: random Fourier features and four layers of 128 rectified units."""
    rng = np.random.default_rng(seed)
    frequencies = 6 * rng.standard_normal((3, 32))
    widths = [67, 128, 128, 128, 128, 1]
    layers = [
        (rng.uniform(-1, 1, (a, b)) / np.sqrt(a), rng.uniform(-1, 1, b) / np.sqrt(a))
        for a, b in zip(widths[:-1], widths[1:], strict=True)
    ]

    def evaluate(points: NDArray[np.float64]) -> NDArray[np.float64]:
        phase = points @ frequencies
        hidden = np.hstack([points, np.sin(phase), np.cos(phase)])
        for weight, bias in layers[:-1]:
            hidden = np.maximum(hidden @ weight + bias, 0)
        return (hidden @ layers[-1][0] + layers[-1][1])[:, 0]

    return sampled(evaluate, size)


def unfinished_chair(size: int, seed: int) -> Field:
    """A chair as a network that is not trained to the end renders it: with noise, saturated."""
    noise = network(size, seed)
    noise = (noise - noise.mean()) / noise.std()
    return np.tanh((chair(size, seed) + 0.045 * noise) / 0.5).astype(np.float32)


def white_noise(size: int, seed: int) -> Field:
    """Independent normal values."""
    return np.random.default_rng(seed).standard_normal((size, size, size), dtype=np.float32)


SDF_LIKE = {"chair": chair, "network": network, "unfinished chair": unfinished_chair}
