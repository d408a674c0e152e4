"""Proposition 4.1: at most n local minima and n local maxima."""

from __future__ import annotations

from typing import Any

import numpy as np

from toposhape.base.outcome import Outcome
from toposhape.topology import superlevel_diagrams

from .trigonometric import Array, critical_points, draw, extrema_between

DEGREES = tuple(range(1, 13))
DECAYS = (0.0, 1.0, 2.0)


def expected_count(n: int, decay: float) -> float:
    """Kac and Rice: the mean number of critical points, 2 sqrt(sum k^4 s_k^2 / sum k^2 s_k^2)."""
    k = np.arange(1.0, n + 1)
    return float(2 * np.sqrt(np.sum(k ** (4 - 2 * decay)) / np.sum(k ** (2 - 2 * decay))))


def wave(n: int) -> Array:
    """Return the coefficients of cos nx."""
    last: Array = (np.arange(2 * n + 1) == 2 * n).astype(float)
    return last


def maxima_on_interval(n: int, vertices: int = 1201) -> int:
    """Count the maxima of cos nx on [0, 2 pi] with two ends, by the engine."""
    line = np.cos(n * np.linspace(0, 2 * np.pi, vertices))
    return 1 + superlevel_diagrams([line], min_persistence=1e-9)[0].sizes[0]


def run(settings: Any, seed: int) -> Outcome:
    """Count extrema by roots; changes of sign prove each, the degree bounds them from above."""
    rng = np.random.default_rng([seed, 41])
    excess, uncertified, misses, waves = [], 0, [], True
    curves = {f"decay {decay:g}": np.zeros(len(DEGREES)) for decay in DECAYS}
    for place, n in enumerate(DEGREES):
        for decay in DECAYS:
            polynomials = draw(rng, settings.polynomials, n, decay)
            points = critical_points(polynomials)
            counts = np.array(
                [extrema_between(a, x) for a, x in zip(polynomials, points, strict=True)]
            )
            sizes = np.array([len(x) for x in points])
            uncertified += int(np.sum(counts.sum(1) != sizes))
            excess.append(counts.max() - n)
            curves[f"decay {decay:g}"][place] = sizes.mean()
            error = max(sizes.std(ddof=1) / np.sqrt(len(sizes)), 1e-9)
            misses.append(abs(sizes.mean() - expected_count(n, decay)) / error if n > 1 else 0.0)
        (x,) = critical_points(wave(n)[None])
        waves &= extrema_between(wave(n), x) == (n, n)
    return Outcome(
        {
            "polynomials": float(settings.polynomials * len(DEGREES) * len(DECAYS)),
            "most extrema of a kind over n": float(max(excess)),
            "counts without proof": float(uncertified),
            "cos nx reaches n": float(waves),
            "maxima of cos 5x with two ends": float(maxima_on_interval(5)),
            "largest miss of Rice's mean, standard errors": float(max(misses)),
        },
        {name: curve.astype(np.float32) for name, curve in curves.items()},
    )
