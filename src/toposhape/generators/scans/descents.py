"""Gradient descent on plane reproduction from random starts: theorems 1 to 3 of IGR."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .linear import LinearModel, liapunov, plane_points

DIMENSIONS, NOISE, WEIGHTS = (2, 3, 10), (0.0, 0.01, 0.1), (0.1, 1.0)
DESCENTS = 40
"""Random starts of each setting."""
STEPS, BETWEEN = 2000, 10
"""Of gradient descent, and how many of them lie between two that are shown."""
SHOWN = {"dimensions": 2, "noise": 0.1, "weight": 1.0}
"""The setting whose descents are drawn."""


def descents(seed: int) -> dict[str, np.ndarray]:
    """Gradient descent on (5) from random starts, in 18 settings.

    Returns:
        `away`: (18, STEPS / BETWEEN + 1), largest distance to the nearer of both minima;
        `paths`: of the shown setting (STEPS / BETWEEN + 1, 40, 2); `critical`: (k, 2) its critical
        points, the least curvature first; `curvatures`: (k,) the least one at each;
        `points`: (500, 2) that it learns from; `heights`: Liapunov function along the descents
        in three dimensions without noise, (STEPS / BETWEEN + 1, 40).
    """
    found: dict[str, Any] = {"away": []}
    for d, noise, weight in product(DIMENSIONS, NOISE, WEIGHTS):
        random = np.random.default_rng([seed, d, round(1000 * noise), round(1000 * weight)])
        points = plane_points(500, d, noise, random)
        model = LinearModel(points, weight)
        path: list[NDArray[np.floating]] = [random.normal(size=(DESCENTS, d))]
        for _ in range(STEPS // BETWEEN):
            path.append(model.descend(path[-1], BETWEEN))
        ways = np.array(path)
        gaps = np.linalg.norm(ways[:, :, None] - model.minima(), axis=3)
        found["away"].append(gaps.min(axis=2).max(axis=1))
        if {"dimensions": d, "noise": noise, "weight": weight} == SHOWN:
            critical = model.critical_points()
            found |= {"paths": ways, "points": points}
            found["critical"] = np.array([each.place for each in critical])
            found["curvatures"] = np.array([each.curvatures[0] for each in critical])
        if (d, noise, weight) == (3, 0.0, 1.0):
            normal = np.sign(ways[:1, :, :1]) * np.array([1.0, 0, 0])
            found["heights"] = liapunov(ways, normal)
    return {name: np.asarray(value) for name, value in found.items()}
