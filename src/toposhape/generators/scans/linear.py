"""Plane reproduction: IGR's loss for a linear f = w x, its critical points, and descent to them.

Section 4 of the paper, with the sum over points of (5) as a mean, as in (2): otherwise the
eigenvalues, and with them the least lambda, would grow with the number of points.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class CriticalPoint(NamedTuple):
    """Where the gradient vanishes.

    Attributes:
        place: w, (d,).
        curvatures: eigenvalues of the Hessian there, ascending, (d,).
    """

    place: Array
    curvatures: Array


class LinearModel:
    """mean (w x_i)^2 + lambda (|w|^2 - 1)^2.

    Attributes:
        eigenvalues: of the mean of x x^T, ascending, (d,).
        directions: their unit vectors as columns, (d, d).
        weight: lambda.
    """

    def __init__(self, points: Array, weight: float) -> None:
        """Take points (n, d) and lambda."""
        self._moments = points.T @ points / len(points)
        self.eigenvalues, self.directions = np.linalg.eigh(self._moments)
        self.weight = weight

    def loss(self, w: Array) -> Array:
        """(5) at w (..., d)."""
        data = np.einsum("...i,ij,...j->...", w, self._moments, w)
        loss: Array = data + self.weight * ((w**2).sum(axis=-1) - 1) ** 2
        return loss

    def gradient(self, w: Array) -> Array:
        """(8) in the given coordinates, (..., d)."""
        excess = (w**2).sum(axis=-1, keepdims=True) - 1
        gradient: Array = 2 * w @ self._moments + 4 * self.weight * excess * w
        return gradient

    def hessian(self, w: Array) -> Array:
        """(9) at one w (d,)."""
        scale = 4 * self.weight * (w @ w - 1)
        return 2 * self._moments + scale * np.eye(len(w)) + 8 * self.weight * np.outer(w, w)

    def critical_points(self) -> list[CriticalPoint]:
        """All of theorem 1: 0, and +-sqrt(1 - lambda_j / 2 lambda) u_j where that is a number."""
        shares = 1 - self.eigenvalues / (2 * self.weight)
        ways = [
            sign * np.sqrt(share) * direction
            for share, direction in zip(shares, self.directions.T, strict=True)
            if share > 0
            for sign in (1, -1)
        ]
        places = [np.zeros(len(shares)), *ways]
        return [CriticalPoint(w, np.linalg.eigvalsh(self.hessian(w))) for w in places]

    def minima(self) -> Array:
        """Both global minima, (2, d): the signed distances of the plane that fits best.

        Raises:
            ValueError: if lambda is at most lambda_1 / 2: then 0 is the only minimum.
        """
        share = 1 - self.eigenvalues[0] / (2 * self.weight)
        if share <= 0:
            raise ValueError(f"lambda {self.weight:g} is at most lambda_1 / 2: 0 is the minimum")
        pair: Array = np.sqrt(share) * np.stack([self.directions[:, 0], -self.directions[:, 0]])
        return pair

    def descend(self, starts: Array, steps: int) -> Array:
        """(6): gradient descent from starts (k, d), with a step below the inverse curvature."""
        reach = max(1.0, float((starts**2).sum(axis=1).max()))
        rate = 0.5 / (2 * self.eigenvalues[-1] + 12 * self.weight * reach)
        w = starts.copy()
        for _ in range(steps):
            w -= rate * self.gradient(w)
        return w


def plane_points(count: int, dimensions: int, noise: float, random: np.random.Generator) -> Array:
    """Points (n, d) of the hyperplane x_0 = 0 within a cube, moved by Gaussian noise."""
    points = random.uniform(-1, 1, (count, dimensions))
    points[:, 0] = 0
    return points + noise * random.normal(size=points.shape)


def liapunov(w: Array, normal: Array) -> Array:
    """Theorem 3's h = |q - n|^2 / (1 + |q|^2), of w (..., d) and the plane's unit normal."""
    h: Array = ((w - normal) ** 2).sum(axis=-1) / (1 + (w**2).sum(axis=-1))
    return h
