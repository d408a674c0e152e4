"""Appendix B: the averages over critical points, and what is concluded from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from toposhape.base.outcome import Outcome

from .trigonometric import Array, basis, critical_points, draw, frequencies

DEGREE = 6
SAMPLES_OF_MATRICES = 400
WEIGHTS = np.geomspace(1e-3, 10, 13)
"""Equal weights lambda for which the matrices of (20) and (21) are compared."""


def means_over_circle(n: int, points: int = 64) -> dict[str, float]:
    """Largest deviation of b, A, A_1 and A_2 from what is printed; sums are exact for n < 32."""
    theta = np.arange(points) * 2 * np.pi / points
    v, v1 = basis(theta, n, 1)[:, 1:], basis(theta, n)[:, 1:]
    k = frequencies(n)[1:]
    cross = v.T @ v1 / points
    return {
        "b": float(np.abs(v.mean(0)).max()),
        "A": float(np.abs(v1.T @ v1 / points - np.eye(2 * n) / 2).max()),
        "A1": float(np.abs(cross + cross.T).max()),
        "A2": float(np.abs(v.T @ v / points - np.diag(k**2) / 2).max()),
        "A2 with k": float(np.abs(v.T @ v / points - np.diag(k) / 2).max()),
    }


def quotients(rng: np.random.Generator, count: int, n: int, c: float, mixed: bool) -> Array:
    """Draw the quotient whose moments are h_1 and h_2, ``(count,)``.

    Coefficients are standard normal under s^T a = 0.  The paper writes s in the order of its
    equation (16) and the quotient in that of the main text; `mixed` takes both as they stand.
    """
    a = rng.standard_normal((count, 2 * n + 1))
    slope, curvature = basis(np.array(c), n, 1), -basis(np.array(c), n, 2)
    s = slope.copy()
    if mixed:
        s[1::2], s[2::2] = slope[2::2], slope[1::2]
    a -= np.outer(a @ s, s) / (s @ s)
    return np.asarray((a @ slope) / (a @ curvature))


def matrices(points: list[Array], n: int, weights: Array) -> tuple[Array, Array]:
    """Return A of equation (20), for each function, and of equation (21), from means.

    Args:
        points: critical points of each function.
        n: the degree.
        weights: ``(n,)`` lambda_k.
    """
    k = frequencies(n)
    penalty = np.diag(k**2 * np.concatenate([[0], np.repeat(weights, 2)]))
    rows = [basis(x, n) for x in points]
    outer = np.array([r.T @ r for r in rows])
    identity = np.eye(2 * n + 1)
    mean = outer.mean(0)
    return (
        np.linalg.solve(outer + penalty, outer) - identity,
        np.linalg.solve(mean + penalty, mean) - identity,
    )


def printed_norm(weights: Array, m: int, h2: float) -> float:
    """The norm of A as (24), with the square that is missing there, puts it into (21)."""
    k = np.arange(1, len(weights) + 1)
    data = m * (h2 * k**2 + 1) / 2
    return float(np.max(k**2 * weights / (data + k**2 * weights)))


def run(settings: Any, seed: int) -> Outcome:
    """Averages by sums and by Monte Carlo; what (21) hides; equal weights under (24)."""
    rng = np.random.default_rng([seed, 24])
    numbers = {f"{k}, error": v for k, v in means_over_circle(DEGREE).items()}
    functions = draw(rng, settings.functions, DEGREE, 1.0)
    points = critical_points(functions)
    second = _second_moment(points)
    numbers["critical points: largest |mean of v v^T - diag(1, 1/2)|"] = float(
        np.abs(second - np.diag([1.0] + [0.5] * 2 * DEGREE)).max()
    )
    samples = settings.samples
    consistent = quotients(rng, samples, DEGREE, 0.3, mixed=False)
    mixed = quotients(rng, samples, DEGREE, 0.3, mixed=True)
    elsewhere = quotients(rng, samples, DEGREE, 0.9, mixed=True)
    numbers["h2, one order"] = float(np.median(consistent**2))
    numbers["quotient of two orders, median of squares at 0.3"] = float(np.median(mixed**2))
    numbers["quotient of two orders, median of squares at 0.9"] = float(np.median(elsewhere**2))
    sizes = np.geomspace(100, samples, 25).astype(int)
    squares = np.cumsum(mixed**2)[sizes - 1] / sizes
    numbers["h2, two orders, 100 draws"] = float(squares[0])
    numbers["h2, two orders, all draws"] = float(squares[-1])
    pictures: dict[str, Array] = {"samples": sizes, "h2": squares}
    white = draw(rng, SAMPLES_OF_MATRICES, DEGREE, 0.0)
    pictures |= {"weights": WEIGHTS, **_hidden(white, critical_points(white))}
    numbers["(21), squared norm at the least weight"] = float(pictures["squared norm of (21)"][0])
    numbers["(20), mean error at the least weight"] = float(pictures["mean relative error"][0])
    numbers["(20), least norm of any function"] = float(pictures["least norm of (20)"].min())
    numbers.update(_equal_is_not_best())
    return Outcome(numbers, {k: np.asarray(v, np.float32) for k, v in pictures.items()})


def _second_moment(points: list[Array]) -> Array:
    """Return the mean of v v^T over all critical points of functions."""
    rows = basis(np.concatenate(points), DEGREE)
    return np.asarray(rows.T @ rows / len(rows))


def _hidden(functions: Array, points: list[Array]) -> dict[str, Array]:
    """For each of `WEIGHTS`: squared norm of (21), mean relative error by (20), least norm."""
    found: dict[str, list[float]] = {
        "squared norm of (21)": [], "mean relative error": [], "least norm of (20)": []
    }  # fmt: skip
    for weight in WEIGHTS:
        each, mean = matrices(points, DEGREE, np.full(DEGREE, weight))
        moved = np.einsum("bij,bj->bi", each, functions)
        error = np.sum(moved**2, axis=1) / np.sum(functions**2, axis=1)
        found["squared norm of (21)"].append(float(np.linalg.norm(mean, 2)) ** 2)
        found["mean relative error"].append(error.mean())
        found["least norm of (20)"].append(np.linalg.norm(each, 2, axis=(1, 2)).min())
    return {name: np.array(values) for name, values in found.items()}


def _equal_is_not_best(m: int = 4) -> dict[str, float]:
    """Equal weights against weights of the same median, 1, under (24) as it is meant."""
    k = np.arange(1.0, DEGREE + 1)
    numbers = {}
    for h2 in (0.0, 1.0):
        other = (h2 * k**2 + 1) / k**2
        other /= np.median(other)
        numbers[f"norm of (21), h2 {h2:g}, equal"] = printed_norm(np.ones(DEGREE), m, h2)
        numbers[f"norm of (21), h2 {h2:g}, other"] = printed_norm(other, m, h2)
        half = np.where(k <= DEGREE / 2 + 1, 1.0, 0.0)
        numbers[f"norm of (21), h2 {h2:g}, upper third 0"] = printed_norm(half, m, h2)
    return numbers
