"""Which weights are best for the linear problem (19), when each choice has its own best scale.

mu_k = k^2 lambda_k is the whole weight of frequency k.  Critical values are known up to noise of
deviation tau.  Bayes: tau^2 / s_k^2 is best for coefficients of deviation s_k.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from toposhape.base.outcome import Outcome

from .trigonometric import Array, basis, critical_points, draw

DEGREE = 6
NOISE = 0.1
"""tau, where the constant a_0 has deviation 1."""
DECAYS = (0.0, 1.0, 2.0)
FAMILIES = {"1/k^2": 0.0, "equal": 2.0, "k^2": 4.0}
"""Names of weights lambda_k; mu_k grows as k to this power."""
BOUNDS = (np.log(1e-7), np.log(1e5))
MODELS = ("independent points", "critical points")


def family(name: str, n: int) -> Array:
    """Return ``(n,)`` mu_k of one of `FAMILIES`, mu_1 = 1."""
    return np.arange(1.0, n + 1) ** FAMILIES[name]


def linear_error(mu: Array, outer: Array, a: Array, noise: float) -> float:
    """Mean squared error of the minimiser of (19), as a share of the mean |a|^2.

    Args:
        mu: ``(n,)`` weights of the frequencies.
        outer: ``(B, 2n + 1, 2n + 1)`` V V^T of each function.
        a: ``(B, 2n + 1)`` its coefficients.
        noise: deviation of the critical values; its mean effect is computed, not drawn.
    """
    penalty = np.concatenate([[0.0], np.repeat(mu, 2)])
    inverse = np.linalg.inv(outer + np.diag(penalty))
    bias = inverse @ (penalty * a)[:, :, None]
    spread = np.sum((inverse @ outer) * inverse)  # trace of S^-1 V V^T S^-1
    error = np.sum(bias**2) + noise**2 * spread
    return float(error / np.sum(a**2))


def best_scale(shape: Array, error: Callable[[Array], float]) -> tuple[float, float]:
    """Return the factor of some weights for which an error is least, and that error."""
    found = minimize_scalar(lambda log: error(np.exp(log) * shape), bounds=BOUNDS, method="bounded")
    return float(np.exp(found.x)), float(found.fun)


def best_weights(start: Array, error: Callable[[Array], float]) -> tuple[Array, float]:
    """Return ``(n,)`` weights for which an error is least, and that error."""
    found = minimize(
        lambda log: error(np.exp(log)), np.log(start), bounds=[BOUNDS] * len(start),
        method="L-BFGS-B",
    )  # fmt: skip
    return np.exp(found.x), float(found.fun)


def functions_and_outer(
    rng: np.random.Generator, count: int, decay: float, model: str
) -> tuple[Array, Array]:
    """Draw functions, and V V^T at their critical points or at as many independent points."""
    a = draw(rng, count, DEGREE, decay)
    points = critical_points(a)
    if model == "independent points":
        points = [rng.uniform(0, 2 * np.pi, len(x)) for x in points]
    rows = [basis(x, DEGREE) for x in points]
    return a, np.array([r.T @ r for r in rows])


def run(settings: Any, seed: int) -> Outcome:
    """Search the best weights for functions of three spectra; compare three families."""
    rng = np.random.default_rng([seed, 19])
    numbers: dict[str, float] = {}
    pictures = {}
    k = np.arange(1.0, DEGREE + 1)
    for model in MODELS:
        for decay in DECAYS:
            a, outer = functions_and_outer(rng, settings.functions, decay, model)

            def error(mu: Array, outer: Array = outer, a: Array = a) -> float:
                return linear_error(mu, outer, a, NOISE)

            named = f"{model}, s_k ~ k^-{decay:g}"
            errors = {name: best_scale(family(name, DEGREE), error) for name in FAMILIES}
            expected = NOISE**2 * k ** (2 * decay)
            found, least = best_weights(expected, error)
            power = np.polyfit(np.log(k), np.log(found), 1)[0]
            pictures[named] = found.astype(np.float32)
            numbers |= {f"{named}, {name}": value for name, (_, value) in errors.items()}
            numbers[f"{named}, tau^2 / s_k^2"] = error(expected)
            numbers[f"{named}, best found"] = least
            numbers[f"{named}, power of mu_k"] = float(power)
    return Outcome(numbers, pictures)
