"""Equation (3) itself, not linearised: a function is sought that has a given diagram."""

from __future__ import annotations

from typing import Any

import numpy as np

from toposhape.base.outcome import Outcome

from .circle import CircleDiagram, circle_diagram, matched_rows
from .trigonometric import Array, basis, draw, frequencies
from .weights import DECAYS, DEGREE, FAMILIES, family

SCALES = np.geomspace(1e-3, 1e-1, 3)
"""What the regulariser of the true function costs on average: the same for every family.

At the least one the error has reached its limit; below it valleys are so flat that descent takes
hundreds of steps, and one that is cut short looks better than it is.
"""
STEPS, HALVINGS, ENOUGH = 200, 12, 1e-7
FLAT = 0.05
"""Largest entry of the gradient, as a share of the scale, where a descent counts as ended."""
SHIFTS = 256


def objective(a: Array, penalty: Array, target: CircleDiagram) -> tuple[float, Array, Array]:
    """Return the value of (3), its gradient and its second derivative.

    Critical values have the basis functions at the critical point as derivative (envelope theorem)
    and -u u^T / f'' as second derivative, u the basis' slopes there (implicit function theorem).

    Args:
        a: ``(2n + 1,)``.
        penalty: ``(2n + 1,)`` weights of the squares of the coefficients.
        target: the diagram that is sought.
    """
    n = len(a) // 2
    diagram = circle_diagram(a)
    rows, goals, rest = matched_rows(diagram, target)
    residual = rows @ diagram.values - goals
    value = residual @ residual + rest + penalty @ a**2
    pull = 2 * rows.T @ residual
    v, u = basis(diagram.x, n), basis(diagram.x, n, 1)
    curvature = basis(diagram.x, n, 2) @ a
    second = 2 * v.T @ (rows.T @ rows) @ v - (u * (pull / curvature)[:, None]).T @ u
    return float(value), v.T @ pull + 2 * penalty * a, second + 2 * np.diag(penalty)


def solve(start: Array, penalty: Array, target: CircleDiagram) -> tuple[Array, float]:
    """Descend on (3) by Newton's method; directions of negative curvature are turned round.

    Returns:
        The coefficients where no step goes down any more, and the value there.
    """
    a = start
    value, gradient, second = objective(a, penalty, target)
    for _ in range(STEPS):
        sizes, directions = np.linalg.eigh(second)
        step = -directions @ ((directions.T @ gradient) / np.maximum(np.abs(sizes), 1e-9))
        for halving in range(HALVINGS):
            moved = a + step / 2**halving
            there = objective(moved, penalty, target)
            if there[0] < value:
                break
        else:
            return a, value
        gained = value - there[0]
        a, (value, gradient, second) = moved, there
        if gained < ENOUGH * value:
            break
    return a, value


def aligned_error(found: Array, truth: Array) -> float:
    """Relative squared error after the best shift and reflection: a diagram knows neither."""
    shifts = np.arange(SHIFTS) * 2 * np.pi / SHIFTS
    n = len(truth) // 2
    waves = found[2::2] - 1j * found[1::2]
    wanted = truth[2::2] - 1j * truth[1::2]
    turns = np.exp(1j * shifts[:, None] * np.arange(1, n + 1))
    apart = [np.sum(np.abs(w * turns - wanted) ** 2, axis=1).min() for w in (waves, waves.conj())]
    return float((min(apart) + (found[0] - truth[0]) ** 2) / np.sum(truth**2))


def run(settings: Any, seed: int) -> Outcome:
    """Recover functions of three spectra from their diagrams, from near and from afar."""
    rng = np.random.default_rng([seed, 3])
    numbers: dict[str, float] = {}
    pictures = {}
    for decay in DECAYS:
        truths = draw(rng, settings.recoveries, DEGREE, decay)
        others = draw(rng, settings.recoveries, DEGREE, decay)
        targets = [circle_diagram(a) for a in truths]
        named = f"s_k ~ k^-{decay:g}"
        chance = [aligned_error(other, truth) for other, truth in zip(others, truths, strict=True)]
        numbers[f"{named}, another function"] = float(np.mean(chance))
        for name in FAMILIES:
            shape = _penalty(name, decay)
            flat: list[bool] = []
            near, far = np.empty((2, len(SCALES), len(truths)))
            for j, (truth, other, target) in enumerate(zip(truths, others, targets, strict=True)):
                a = truth
                for i, scale in enumerate(SCALES):  # each starts where the weaker one ended
                    a, _ = solve(a, scale * shape, target)
                    slope = np.abs(objective(a, scale * shape, target)[1]).max()
                    flat.append(slope < FLAT * scale)
                    near[i, j] = np.sum((a - truth) ** 2) / np.sum(truth**2)
                a = other
                for i, scale in reversed(list(enumerate(SCALES))):
                    a, _ = solve(a, scale * shape, target)
                    far[i, j] = aligned_error(a, truth)
            numbers[f"{named}, near, {name}, ended"] = float(np.mean(flat))
            for where, errors in (("near", near), ("far", far)):
                curve = errors.mean(axis=1)
                pictures[f"{named}, {where}, {name}"] = curve.astype(np.float32)
                numbers[f"{named}, {where}, {name}"] = float(curve.min())
    return Outcome(numbers, pictures)


def _penalty(name: str, decay: float) -> Array:
    """Return ``(2n + 1,)`` weights of a family whose mean cost of the truth is 1."""
    weights = np.concatenate([[0.0], np.repeat(family(name, DEGREE), 2)])
    return weights / np.sum(weights * np.maximum(frequencies(DEGREE), 1) ** (-2 * decay))
