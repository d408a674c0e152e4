"""The way from one latent code to another."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEARLY_PARALLEL = 1e-4  # radians: below, the way is straight, where the formula divides by zero


def codes_on_arc(first: ArrayLike, last: ArrayLike, count: int) -> NDArray[np.float32]:
    """Codes along the great arc from one code to another, both included.

    Codes of dimension d drawn from N(0, I) lie near the sphere of radius sqrt(d), inside of which
    a generator has learnt nothing; a straight line would lead through there.

    Args:
        first: (d,).
        last: (d,).
        count: how many codes, at least 2.

    Returns:
        (count, d) float32.

    Raises:
        ValueError: for codes that have no direction, point in opposite ones, or differ in length,
            or fewer than two codes.

    Source: White, Sampling generative networks, 2016 (spherical linear interpolation).
    """
    a, b = np.asarray(first, float), np.asarray(last, float)
    if a.shape != b.shape or a.ndim != 1 or count < 2:
        raise ValueError(f"cannot walk from {a.shape} to {b.shape} in {count} codes; give two (d,)")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    if lengths == 0 or not np.isfinite(lengths):
        raise ValueError("a code is zero or not finite: it has no direction to start from")
    angle = np.arccos(np.clip(a @ b / lengths, -1, 1))
    share = np.linspace(0, 1, count)[:, None]
    if angle < NEARLY_PARALLEL:
        return ((1 - share) * a + share * b).astype(np.float32)
    if np.pi - angle < NEARLY_PARALLEL:
        raise ValueError("the codes are opposite to each other: every way round is as short")
    codes = np.sin((1 - share) * angle) * a + np.sin(share * angle) * b
    return (codes / np.sin(angle)).astype(np.float32)
