"""Critical vertices of a batch of images, paired; see the package's text."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Kernel
from toposhape.base.threads import run_in_threads

from ..grids.sorting import ascending_order
from .rings import STEPS, Rings, rings

VERTICES_AT_ONCE = 1 << 16
"""About how many vertices go into one call: what they need fits into a core's cache."""

_pad = Kernel(f"{__package__}.kernels", "pad")
_mark = Kernel(f"{__package__}.kernels", "mark")
_pair = Kernel(f"{__package__}.kernels", "pair")


class BatchPairs(NamedTuple):
    """The points of all fields of a batch, by field, then by degree.

    Attributes:
        vertices: (n, 2) int64 flat C-order indices in a field: where it is low, where it is high.
            For superlevel sets this is (death, birth), for sublevel sets (birth, death).
        item: (n,) int64 which field of the batch.
        degree: (n,) int64.
    """

    vertices: NDArray[np.int64]
    item: NDArray[np.int64]
    degree: NDArray[np.int64]


def image_pairs(
    fields: NDArray[np.floating],
    complex: str,
    *,
    superlevel: bool = True,
    degrees: tuple[int, ...] = (0, 1),
    threads: int | None = None,
) -> BatchPairs | None:
    """Pair the vertices of images where classes are born and die; pairs of equal value are none.

    Args:
        fields: ``(B, H, W)`` float32 or float64, C-contiguous; for functions on a line H = 1.
        complex: ``"freudenthal"`` or ``"cubical"``.
        superlevel: superlevel sets, or sublevel sets.
        degrees: which of 0 and 1.
        threads: parts of the batch at the same time; all cores by default.

    Returns:
        The pairs; None if a value is not finite.
    """
    count = len(fields)
    at_once = max(1, VERTICES_AT_ONCE // max(fields[0].size, 1)) if count else 1
    starts = range(0, count, at_once)
    found: list[BatchPairs | None] = [None] * len(starts)

    def fill(k: int) -> None:
        first = starts[k]
        part = _pairs_of(fields[first : first + at_once], complex, superlevel, degrees)
        found[k] = part and part._replace(item=part.item + first)

    run_in_threads(fill, len(starts), threads)
    if any(part is None for part in found):
        return None
    if len(found) == 1:
        return found[0]
    empty = np.empty(0, np.int64)
    found.append(BatchPairs(empty.reshape(0, 2), empty, empty))  # for a batch of none
    return BatchPairs(*map(np.concatenate, zip(*found, strict=True)))


def _pairs_of(
    fields: NDArray[np.floating], complex: str, superlevel: bool, degrees: tuple[int, ...]
) -> BatchPairs | None:
    """Pair the vertices of one part of a batch, as one tall image."""
    count, rows, columns = fields.shape
    stride = columns + 1
    first = stride + 1
    heights = np.full(count * (rows + 1) * stride + 2 * first, -np.inf, fields.dtype)
    if _pad(fields, heights, first, int(superlevel)):
        return None
    offsets = np.array([i * stride + j for i, j in STEPS])
    codes = np.empty(heights.size, np.uint8)
    saddles = np.empty(fields.size, np.int32)
    complex_rings = rings(complex)
    saddles = saddles[: _mark(heights, offsets, complex_rings, first, codes, saddles)]
    downwards = saddles[ascending_order(0 - heights[saddles])]
    image = (heights, offsets, complex_rings, codes)
    degree_pairs = [
        _joined(image, downwards if degree == 0 else downwards[::-1].copy(), degree)
        for degree in degrees
    ]
    pairs = np.concatenate(degree_pairs)
    degree = np.repeat(degrees, [len(part) for part in degree_pairs])
    return _by_item(pairs, degree, first, fields.shape, superlevel)


def _joined(
    image: tuple[NDArray[Any], NDArray[np.int64], Rings, NDArray[np.uint8]],
    saddles: NDArray[np.int32],
    degree: int,
) -> NDArray[np.int32]:
    """Return the ``(n, 2)`` pairs (low, high) of padded vertices of one degree."""
    parent = np.zeros(image[0].size, np.int32)
    pairs = np.empty((4 * saddles.size, 2), np.int32)
    pairs = pairs[: _pair(*image, saddles, parent, pairs, int(degree == 0))]
    return pairs if degree == 0 else pairs[:, ::-1]


def _by_item(
    pairs: NDArray[np.int32],
    degree: NDArray[np.int64],
    first: int,
    shape: tuple[int, int, int],
    superlevel: bool,
) -> BatchPairs:
    """Sort pairs of padded vertices by field; count vertices within their field."""
    _, rows, columns = shape
    row, column = np.divmod(pairs - first, columns + 1)
    item, row = np.divmod(row, rows + 1)
    order = np.argsort(item[:, 0].astype(np.uint16), kind="stable")
    vertices = (row * columns + column)[order].astype(np.int64)
    if not superlevel:
        vertices = vertices[:, ::-1]
    return BatchPairs(vertices, item[order, 0].astype(np.int64), degree[order].astype(np.int64))
