"""Where codes are drawn: each prior turns standard normal numbers into codes.

All start from the same numbers, so that sets of shapes differ by generator and prior alone.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Prior = Callable[[NDArray[np.float32], int], NDArray[np.float32]]
"""Standard normal numbers (..., d) and the seed of further choices -> codes (..., d)."""


def normal_numbers(draws: int, shapes: int, latent_size: int, seed: int) -> NDArray[np.float32]:
    """Draw (draws, shapes, latent_size) standard normal numbers, the same for every generator."""
    random = np.random.default_rng([seed, 0x5A])
    return random.standard_normal((draws, shapes, latent_size), dtype=np.float32)


def normal(noise: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """N(0, I): the numbers themselves."""
    del seed
    return noise


def posterior(means: NDArray[np.float32], deviations: NDArray[np.float32]) -> Prior:
    """The aggregate posterior: a training shape at random, then its Gaussian.

    Args:
        means: (n, d) of the training shapes.
        deviations: (n, d).
    """

    def draw(noise: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
        chosen = np.random.default_rng([seed, 0x90]).integers(len(means), size=noise.shape[:-1])
        return (means[chosen] + deviations[chosen] * noise).astype(np.float32)

    return draw
