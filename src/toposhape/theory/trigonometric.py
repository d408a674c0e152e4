"""Trigonometric polynomials f(x) = a_0 + sum_k a_(2k-1) sin kx + a_(2k) cos kx on the circle.

This is the order of the paper's main text; its equation (16) swaps sine and cosine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNIT_TOLERANCE = 1e-6
"""How far from the unit circle a root may lie that counts as real, before it is certified."""


def basis(x: Array, n: int, order: int = 0) -> Array:
    """Return a derivative of the 2n + 1 basis functions at points, shape ``(*x.shape, 2n + 1)``.

    Args:
        x: points of the circle [radians].
        n: the degree.
        order: of the derivative.
    """
    k = np.arange(1, n + 1)
    angle = np.asarray(x)[..., None] * k + order * np.pi / 2
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=-1) * (k**order)[:, None]
    constant = np.full((*np.shape(x), 1), float(order == 0))
    return np.concatenate([constant, waves.reshape(*np.shape(x), 2 * n)], axis=-1)


def frequencies(n: int) -> Array:
    """Return the frequency of each coefficient, ``(2n + 1,)``: 0, 1, 1, 2, 2, ..., n, n."""
    return np.concatenate([[0.0], np.repeat(np.arange(1.0, n + 1), 2)])


def draw(rng: np.random.Generator, count: int, n: int, decay: float) -> Array:
    """Draw ``(count, 2n + 1)`` independent normal coefficients of deviation k^-decay; a_0 of 1."""
    return rng.standard_normal((count, 2 * n + 1)) * np.maximum(frequencies(n), 1) ** -decay


def critical_points(a: Array) -> list[Array]:
    """Find all zeros of the derivatives of a batch: f' is a polynomial in e^(ix) of degree 2n.

    Its roots are the eigenvalues of a companion matrix; those on the unit circle are the zeros.
    A step of Newton's method polishes them.

    Args:
        a: ``(B, 2n + 1)``; the coefficients of the highest frequency must not both be 0.

    Returns:
        For each polynomial its zeros in [0, 2 pi), ascending.
    """
    n = a.shape[1] // 2
    k = np.arange(1, n + 1)
    high = k * (a[:, 1::2] + 1j * a[:, 2::2])
    polynomial = np.concatenate([high[:, ::-1], np.zeros((len(a), 1)), high.conj()], axis=1)
    if not np.all(polynomial[:, 0]):
        raise ValueError(f"the coefficients of sin {n}x and cos {n}x are both 0: lower the degree")
    companion = np.zeros((len(a), 2 * n, 2 * n), complex)
    companion[:, 0] = -polynomial[:, 1:] / polynomial[:, :1]
    companion[:, np.arange(1, 2 * n), np.arange(2 * n - 1)] = 1
    roots = np.linalg.eigvals(companion)
    found = []
    for coefficients, each in zip(a, roots, strict=True):
        x = np.angle(each[np.abs(np.abs(each) - 1) < UNIT_TOLERANCE])
        slope, curvature = (basis(x, n, order) @ coefficients for order in (1, 2))
        step = np.divide(slope, curvature, out=np.zeros_like(x), where=curvature != 0)
        found.append(np.sort((x - np.clip(step, -1e-5, 1e-5)) % (2 * np.pi)))
    return found


def extrema_between(a: Array, x: Array) -> tuple[int, int]:
    """Count minima and maxima that changes of the sign of f' between critical points prove.

    Args:
        a: ``(2n + 1,)``.
        x: its critical points, ascending.
    """
    between = (x + np.diff(x, append=x[0] + 2 * np.pi) / 2) if len(x) else x
    rises = basis(between, len(a) // 2, 1) @ a > 0
    before = np.roll(rises, 1)
    return int(np.sum(rises & ~before)), int(np.sum(~rises & before))
