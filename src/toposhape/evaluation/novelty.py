"""Whether shapes are new: their distances to the nearest training shapes."""

import numpy as np
from numpy.typing import NDArray

from .chamfer import chamfer_matrix


def novelty(surfaces: NDArray[np.floating], training: NDArray[np.floating]) -> dict[str, float]:
    """How far shapes are from the nearest training shape (Chamfer): mean and median.

    Args:
        surfaces: (n, P, 3).
        training: (m, P, 3); of equally many points, because distances depend on P.

    Raises:
        ValueError: if the numbers of points differ.
    """
    if surfaces.shape[1] != training.shape[1]:
        raise ValueError(
            f"novelty compares equally many points a surface, not {surfaces.shape[1]} of the "
            f"shapes and {training.shape[1]} of the training shapes"
        )
    distances = chamfer_matrix(surfaces, training).min(axis=1)
    return {"novelty": float(distances.mean()), "novelty_median": float(np.median(distances))}
