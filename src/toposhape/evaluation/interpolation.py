"""Shapes on the way from one shape to another: figure 2."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toposhape.topology import diagram_distances
from toposhape.topology.distances import HasPoints


def choose_ends(diagrams: Sequence[HasPoints], pieces: NDArray[np.integer]) -> tuple[int, int]:
    """Choose the two shapes between which interpolation has the longest way to go.

    Among shapes that are one piece in every rendering, the two whose diagrams are farthest apart
    (equation 1): what falls apart on the way was whole at both ends. Where fewer than two shapes
    are so, those with the fewest pieces take their place.

    Args:
        diagrams: true diagrams of n shapes.
        pieces: (k, n), connected pieces of each shape in k renderings of it, such as the true one
            and those of several generators; a shape without any counts as broken.

    Returns:
        Indices of source and target; the source has the smaller index.

    Raises:
        ValueError: if there are fewer than two shapes.
    """
    if len(diagrams) < 2:
        raise ValueError(f"interpolation needs two shapes, there are {len(diagrams)}")
    flaws = np.abs(pieces - 1).max(axis=0)
    whole = np.flatnonzero(flaws <= np.sort(flaws)[1])
    distances = diagram_distances([diagrams[i] for i in whole])
    source, target = np.unravel_index(np.triu(distances, 1).argmax(), distances.shape)
    if source == target:  # all diagrams are the same
        source, target = 0, 1
    return int(whole[source]), int(whole[target])


def codes_between(
    source: NDArray[np.floating], target: NDArray[np.floating], steps: int
) -> NDArray[np.float32]:
    """Codes at equal steps on the straight line, both ends included: (steps, d)."""
    share = np.linspace(0, 1, steps)[:, None]
    return ((1 - share) * source + share * target).astype(np.float32)
