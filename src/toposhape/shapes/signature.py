"""A short description of a shape's geometry by which copies are recognised."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

_BLOCKS = 4
_STEP = 5e-4
_TOLERANCE = 4
"""Largest difference, in steps, of two signatures of the same geometry."""


def geometry_signature(grid: NDArray[np.floating]) -> str:
    """Mean signed distance in 4 x 4 x 4 blocks of the grid, in steps of 0.0005, as hexadecimals.

    It does not depend on the order or number of vertices, on scale, position or orientation of
    faces, and hardly on noise: that is what `near_duplicates` compares.

    Args:
        grid: signed distance, shape (R, R, R), R >= 4.

    Returns:
        256 hexadecimal digits, four for each block.
    """
    means = grid.astype(np.float64)
    for axis in range(3):
        parts = np.array_split(means, _BLOCKS, axis=axis)
        means = np.concatenate([part.mean(axis=axis, keepdims=True) for part in parts], axis=axis)
    steps = np.clip(np.round(means / _STEP) + 2**15, 0, 2**16 - 1).astype(">u2")
    return steps.tobytes().hex()


def near_duplicates(signatures: Sequence[str]) -> NDArray[np.int64]:
    """Group shapes of the same geometry.

    Args:
        signatures: of `geometry_signature`, n of them.

    Returns:
        the group of each, shape (n,). Whatever is linked by a chain of near copies is one group.
    """
    if len(signatures) == 0:
        return np.empty(0, dtype=np.int64)
    digits = b"".join(bytes.fromhex(signature) for signature in signatures)
    points = np.frombuffer(digits, dtype=">u2").reshape(len(signatures), -1).astype(np.float64)
    pairs = cKDTree(points).query_pairs(_TOLERANCE + 0.5, p=np.inf, output_type="ndarray")
    count = len(signatures)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    part: NDArray[np.int64] = connected_components(links, directed=False)[1].astype(np.int64)
    return part
