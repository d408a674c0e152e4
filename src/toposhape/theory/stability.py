"""Equation (6): the bottleneck distance of diagrams is at most the distance of the functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from toposhape.base.outcome import Outcome
from toposhape.topology import (
    Diagram,
    bottleneck_distance,
    diagram_distance,
    superlevel_diagrams,
)
from toposhape.topology.grids.persistence import Complex

from .trigonometric import Array

COMPLEXES: tuple[Complex, ...] = ("freudenthal", "cubical")
SHAPES = ((40,), (9, 9), (5, 5, 5))
CHANGES = ("noise", "bump", "shift")
AMOUNTS = (0.01, 0.1, 1.0)


def draw_pair(rng: np.random.Generator, shape: tuple[int, ...], change: str) -> tuple[Array, Array]:
    """Draw a field, smooth or rough, some with ties, and a changed one."""
    f = rng.standard_normal(shape)
    if rng.random() < 0.5:
        f = gaussian_filter(f, 1.0)
    if rng.random() < 0.25:
        f = np.round(4 * f) / 4  # ties
    amount = rng.choice(AMOUNTS) * f.std()
    if change == "shift":
        return f, f + amount
    if change == "noise":
        return f, f + amount * rng.uniform(-1, 1, shape)
    there = rng.integers(0, shape)
    away = sum((axis - x) ** 2 for axis, x in zip(np.indices(shape), there, strict=True))
    return f, f - amount * np.exp(-away / 2)


def distances(f: Diagram, g: Diagram) -> list[float]:
    """Bottleneck distance of each degree; in degree 0 of the classes that never die, too."""
    assert f.essential is not None and g.essential is not None
    never = abs(float(f.essential[0][0] - g.essential[0][0]))
    found = [bottleneck_distance(p, q) for p, q in zip(f.points, g.points, strict=True)]
    return [max(found[0], never), *found[1:]]


def run(settings: Any, seed: int) -> Outcome:
    """Measure both sides of (6) for many pairs, in 1D to 3D and in both complexes."""
    rng = np.random.default_rng([seed, 6])
    ratios: dict[str, list[float]] = {}
    squares, broken, pairs = [], 0, 0
    for complex in COMPLEXES:
        for shape in SHAPES:
            for change in CHANGES:
                drawn = [draw_pair(rng, shape, change) for _ in range(settings.fields)]
                both = [
                    superlevel_diagrams(list(side), complex=complex, essential=True, threads=1)
                    for side in zip(*drawn, strict=True)
                ]
                for (f, g), of_f, of_g in zip(drawn, *both, strict=True):
                    apart = float(np.abs(f - g).max())
                    found = distances(of_f, of_g)
                    broken += max(found) > apart * (1 + 1e-12) + 1e-12
                    pairs += 1
                    named = f"{len(shape)}D, {change}"
                    ratios.setdefault(named, []).append(max(found) / apart)
                    cost = sum(map(diagram_distance, of_f.points, of_g.points))
                    squares.append(cost / apart**2)
    every = np.concatenate(list(ratios.values()))
    noisy = np.concatenate([r for name, r in ratios.items() if "shift" not in name])
    return Outcome(
        {
            "pairs": float(pairs),
            "pairs that break (6)": float(broken),
            "largest ratio": float(every.max()),
            "mean ratio, shifts left out": float(noisy.mean()),
            "share of ratios above 0.99, shifts left out": float(np.mean(noisy > 0.99)),
            "d_PD over the square of the distance, largest": float(max(squares)),
            "one point under a shift, Euclidean ground metric": _shifted_point(),
        },
        {name: np.array(ratio, np.float32) for name, ratio in ratios.items()},
    )


def _shifted_point() -> float:
    """Root of equation (1) over the distance of functions, for one long bar and a small shift."""
    line = np.array([0.0, 9, 1, 9.5, 0])
    ours, theirs = superlevel_diagrams([line, line + 0.125])
    return float(np.sqrt(diagram_distance(ours.points[0], theirs.points[0])) / 0.125)
