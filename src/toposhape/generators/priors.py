"""Where codes are drawn: each prior turns standard normal numbers into codes.

All start from the same numbers, so that sets of shapes differ by generator and prior alone. A code
may be drawn again, in further attempts, if its shape is not as wanted: near the same training
shape for a while, so that kinds of shapes that often fail do not become rare.

Priors that start from training shapes take them in turn: in a set no shape is made near one that
another was made near while there are others, as no shape stands twice in the sets of test shapes
or training shapes that it is compared with. Several sets go on in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .filtered_codes import FilteredCodes

Prior = Callable[..., NDArray[np.float32]]
"""Standard normal numbers (..., d), the seed of further choices, which attempt these numbers are
(0 is the first), own settings -> codes (..., d)."""

ATTEMPTS_NEARBY = 20
"""Attempts near the same training shape; every later one is near another."""


def normal_numbers(
    draws: int, shapes: int, latent_size: int, seed: int, attempt: int = 0
) -> NDArray[np.float32]:
    """Draw (draws, shapes, latent_size) standard normal numbers, the same for every generator."""
    random = _random(seed, 0x5A, attempt)
    return random.standard_normal((draws, shapes, latent_size), dtype=np.float32)


def normal(noise: NDArray[np.float32], seed: int, attempt: int = 0) -> NDArray[np.float32]:
    """N(0, I): the numbers themselves."""
    del seed, attempt
    return noise


def posterior(means: NDArray[np.float32], deviations: NDArray[np.float32]) -> Prior:
    """The aggregate posterior: a training shape in random turn, then its Gaussian.

    Args:
        means: (n, d) of the training shapes.
        deviations: (n, d).
    """

    def draw(noise: NDArray[np.float32], seed: int, attempt: int = 0) -> NDArray[np.float32]:
        chosen = _training_shapes(len(means), noise.shape[:-1], seed, 0x90, attempt)
        return (means[chosen] + deviations[chosen] * noise).astype(np.float32)

    return draw


def kernel_density(means: NDArray[np.float32]) -> Prior:
    """Near the codes of training shapes: z = sqrt(1 - h^2) mu_i + h eps, i in random turn.

    The bandwidth h in (0, 1] says how near; 1 is N(0, I). If the means have variance 1, as
    training wants them to, so have these codes, whatever h is.

    Args:
        means: mu, (n, d) of the training shapes.
    """

    def draw(
        noise: NDArray[np.float32], seed: int, attempt: int = 0, bandwidth: float = 0.35
    ) -> NDArray[np.float32]:
        chosen = _training_shapes(len(means), noise.shape[:-1], seed, 0xDE, attempt)
        kept = np.sqrt(1 - bandwidth**2)
        codes: NDArray[np.float32] = (kept * means[chosen] + bandwidth * noise).astype(np.float32)
        return codes

    return draw


def filtered_density(read: Callable[[], FilteredCodes]) -> Prior:
    """Beside codes whose shapes are as wanted: z = sqrt(1 - s^2) a_j + s eps, j at random.

    Training shapes take turns, each with one of the codes a_j found near its own: kinds of
    shapes that seldom come out as wanted are as frequent as others. The `jitter` s in (0, 1] makes
    new shapes of them, and the larger it is the more of these are not as wanted.

    Args:
        read: the codes, when they are needed.
    """

    def draw(
        noise: NDArray[np.float32], seed: int, attempt: int = 0, jitter: float = 0.05
    ) -> NDArray[np.float32]:
        codes, near = read()
        _, first, count = np.unique(near, return_index=True, return_counts=True)
        shape = _training_shapes(len(first), noise.shape[:-1], seed, 0xF1, attempt)
        chosen = first[shape] + _random(seed, 0xF2, attempt).integers(count[shape])
        drawn: NDArray[np.float32] = np.sqrt(1 - jitter**2) * codes[chosen] + jitter * noise
        return drawn.astype(np.float32)

    return draw


def interpolation(means: NDArray[np.float32]) -> Prior:
    """Between the codes of two training shapes: z = (1 - t) mu_i + t mu_j, t in [0, 1].

    i is in random turn, j among the shapes whose codes are nearest to its own, t evenly. These
    codes vary less than N(0, I), and nothing but training shapes says where they are: their shapes
    are sounder and nearer to training shapes than others.

    Args:
        means: mu, (n, d) of the training shapes.
    """

    def draw(
        noise: NDArray[np.float32], seed: int, attempt: int = 0, neighbours: int = 10
    ) -> NDArray[np.float32]:
        from scipy.spatial.distance import cdist  # other priors need no scipy

        form = noise.shape[:-1]  # the numbers themselves are not used
        first = _training_shapes(len(means), form, seed, 0x1B, attempt)
        random = _random(seed, 0x1C, attempt)
        last = min(neighbours, len(means) - 1)  # 0 is the shape itself: the only one there may be
        rank = random.integers(min(1, last), last + 1, size=form)
        second = np.argsort(cdist(means, means), axis=1, kind="stable")[first, rank]
        t = random.uniform(size=(*form, 1))
        return ((1 - t) * means[first] + t * means[second]).astype(np.float32)

    return draw


def _training_shapes(
    count: int, form: tuple[int, ...], seed: int, purpose: int, attempt: int
) -> NDArray[np.int64]:
    """Which of so many training shapes, (..., n): in a set none again before all were there.

    A set goes on where the one before it ended, so that over all sets each is as frequent as any
    other, and means over sets depend little on chance.
    """
    random = _random(seed, purpose, attempt if attempt >= ATTEMPTS_NEARBY else 0)
    found = np.empty(form or (1,), np.int64)
    waiting: list[int] = []
    for numbers in np.ndindex(found.shape[:-1]):
        of_set, times = found[numbers], np.zeros(count, np.int64)
        for place in range(len(of_set)):
            if not waiting:
                order = random.permutation(count)  # from its end: who was in this set least
                waiting = order[np.argsort(-times[order], kind="stable")].tolist()
            of_set[place] = waiting.pop()
            times[of_set[place]] += 1
    return found.reshape(form)


def _random(seed: int, purpose: int, attempt: int) -> np.random.Generator:
    return np.random.default_rng([seed, purpose, attempt] if attempt else [seed, purpose])
