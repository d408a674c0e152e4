"""Lemma B.1: derivatives of a critical point, and of the value there, by the coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np

from toposhape.base.outcome import Outcome

from .trigonometric import Array, basis, critical_points, draw, frequencies

DEGREES = (2, 4, 8)
STEP = 1e-5
FLAT = 0.1
"""Critical points with |f''| below this share of its deviation are left out: they move far."""


def printed_point(a: Array, c: Array) -> Array:
    """Equation (22) as it is printed, ``(count, 2n + 1)``."""
    k, sine, cosine = _waves(a, c)
    below = -np.sum(a * basis(c, a.shape[1] // 2, 2), axis=1, keepdims=True)
    return _interleaved(k * cosine / below, k * sine / below, constant=0)


def printed_value(a: Array, c: Array) -> Array:
    """Equation (23) as it is printed, ``(count, 2n + 1)``."""
    k, sine, cosine = _waves(a, c)
    share = np.sum(a * basis(c, a.shape[1] // 2, 1), axis=1, keepdims=True)
    share /= -np.sum(a * basis(c, a.shape[1] // 2, 2), axis=1, keepdims=True)
    return _interleaved(k * cosine * share + sine, -k * sine * share + cosine, constant=1)


def derived_point(a: Array, c: Array) -> Array:
    """The implicit function theorem: of f'(c) = 0, ``(count, 2n + 1)``."""
    n = a.shape[1] // 2
    moved: Array = -basis(c, n, 1) / np.sum(a * basis(c, n, 2), axis=1, keepdims=True)
    return moved


def derived_value(a: Array, c: Array) -> Array:
    """The envelope theorem: the basis functions at the critical point, ``(count, 2n + 1)``."""
    return basis(c, a.shape[1] // 2)


def differences(a: Array, c: Array) -> tuple[Array, Array]:
    """Central differences of the critical point and its value; Newton's method follows the point.

    Args:
        a: ``(count, 2n + 1)``.
        c: ``(count,)`` one critical point of each.

    Returns:
        Two arrays ``(count, 2n + 1)``.
    """
    points, values = np.empty_like(a), np.empty_like(a)
    for i in range(a.shape[1]):
        ends = []
        for side in (STEP, -STEP):
            moved = a.copy()
            moved[:, i] += side
            x = _followed(moved, c)
            ends.append((x, np.sum(moved * basis(x, a.shape[1] // 2), axis=1)))
        points[:, i] = (ends[0][0] - ends[1][0]) / (2 * STEP)
        values[:, i] = (ends[0][1] - ends[1][1]) / (2 * STEP)
    return points, values


def run(settings: Any, seed: int) -> Outcome:
    """Compare the printed and the derived formulas with differences; largest errors, one median."""
    rng = np.random.default_rng([seed, 22])
    parts = [_errors(rng, settings.critical_points // len(DEGREES), n) for n in DEGREES]
    errors = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    numbers = {name: float(error.max()) for name, error in errors.items()}
    numbers["(22), order of (16)"] = float(np.median(errors["(22), order of (16)"]))
    numbers["critical points"] = float(len(errors["(23)"]))
    return Outcome(numbers, {name: error.astype(np.float32) for name, error in errors.items()})


def _errors(rng: np.random.Generator, count: int, n: int) -> dict[str, Array]:
    """Relative errors, ``(count,)`` or less, at a random critical point of random polynomials."""
    a = draw(rng, 2 * count, n, 1.0)
    c = np.array([rng.choice(x) for x in critical_points(a)])
    steep = np.abs(np.sum(a * basis(c, n, 2), axis=1)) > FLAT * _norm(a * frequencies(n) ** 2)
    a, c = a[steep][:count], c[steep][:count]
    swapped = _swapped(a)  # the same coefficients in the order of (16): another function
    at = np.array([x[0] for x in critical_points(swapped)])
    point, value = differences(a, c)
    sines, cosines = slice(1, None, 2), slice(2, None, 2)
    printed = printed_point(a, c)
    return {
        "(22), sines": _relative(printed[:, sines], point[:, sines]),
        "(22), cosines": _relative(printed[:, cosines], point[:, cosines]),
        "(22), cosines, sign turned": _relative(-printed[:, cosines], point[:, cosines]),
        "(22), order of (16)": _relative(
            printed_point(a, at), _swapped(derived_point(swapped, at))
        ),
        "derived point": _relative(derived_point(a, c), point),
        "(23)": _relative(printed_value(a, c), value),
        "derived value": _relative(derived_value(a, c), value),
        "first factor of (23)": np.abs(np.sum(a * basis(c, n, 1), axis=1))
        / _norm(a * frequencies(n)),
    }


def _followed(a: Array, x: Array, steps: int = 4) -> Array:
    """Return the critical points near some points."""
    n = a.shape[1] // 2
    for _ in range(steps):
        x = x - np.sum(a * basis(x, n, 1), axis=1) / np.sum(a * basis(x, n, 2), axis=1)
    return x


def _swapped(a: Array) -> Array:
    """Exchange the coefficients of each sine and its cosine."""
    pairs = a[:, 1:].reshape(len(a), -1, 2)[:, :, ::-1]
    return np.concatenate([a[:, :1], pairs.reshape(len(a), -1)], axis=1)


def _waves(a: Array, c: Array) -> tuple[Array, Array, Array]:
    """Return frequencies ``(n,)``, sines and cosines ``(count, n)``."""
    k = np.arange(1, a.shape[1] // 2 + 1)
    return k, np.sin(k * c[:, None]), np.cos(k * c[:, None])


def _interleaved(sines: Array, cosines: Array, constant: float) -> Array:
    """Put derivatives by the coefficients into their order."""
    pairs = np.stack([sines, cosines], axis=2).reshape(len(sines), -1)
    return np.concatenate([np.full((len(sines), 1), constant), pairs], axis=1)


def _relative(found: Array, expected: Array) -> Array:
    """Return the relative error of each row."""
    return np.asarray(_norm(found - expected) / _norm(expected))


def _norm(rows: Array) -> Array:
    """Return the length of each row."""
    return np.asarray(np.linalg.norm(rows, axis=1))
