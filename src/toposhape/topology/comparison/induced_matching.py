"""The matching of two diagrams that their common comparison diagram induces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .image_persistence import Descent, descent, image_persistence

Points = NDArray[np.int64]
"""``(n, 2)`` flat indices of vertices: where a point dies, where it is born."""


def induced_matching(
    fields: tuple[NDArray[np.floating], NDArray[np.floating]],
    points: Sequence[Points],
    degree: int,
    dim: int,
    complex: str,
) -> NDArray[np.int64]:
    """Match the points of two fields that become the same point of their maximum.

    A class of f lives in the maximum until it dies there, as an element of the image persistence.
    That is matched with the point of f that is born where it is, and with the point of the maximum
    that dies where it does; if several are, then in the order of their lengths (Bauer and Lesnick,
    Induced matchings of barcodes, 2015).

    Args:
        fields: two fields ``(D, H, W)``, both on their way down (superlevel sets).
        points: of both, and of their maximum; those of length zero may be missing.
        degree: of the points.
        dim: of the grid; see `image_persistence`.
        complex: of the grid.

    Returns:
        ``(m, 2)`` places of matched points in the first two lists.
    """
    values = [field.reshape(-1) for field in (*fields, np.maximum(*fields))]
    ways = [descent(values[k].reshape(fields[0].shape)) for k in range(3)]
    through = []
    for k in range(2):
        image = image_persistence(ways[k], ways[2], degree, dim, complex)
        image = image[values[k][image[:, 1]] > values[2][image[:, 0]]]
        own = _matched(image, points[k], 1, (ways[2], ways[k]), (ways[k], ways[k]))
        common = _matched(image, points[2], 0, (ways[2], ways[k]), (ways[2], ways[2]))
        met = np.full(len(points[2]), -1)
        met[common] = own
        through.append(met)
    both = (through[0] >= 0) & (through[1] >= 0)
    return np.stack([through[0][both], through[1][both]], axis=1)


def _matched(
    image: Points,
    points: Points,
    end: int,
    image_ways: tuple[Descent, Descent],
    ways: tuple[Descent, Descent],
) -> NDArray[np.int64]:
    """Return for each image point the place of the point with the same vertex at one end.

    Args:
        image: ends of classes, where they die and where they are born.
        points: of a diagram, no fewer than there are image points at any vertex.
        end: 0 to compare deaths, 1 for births.
        image_ways: in which orders the image's vertices come, of deaths and of births.
        ways: the same of the points.
    """
    sides = []
    for pairs, own in ((image, image_ways), (points, ways)):
        other = own[1 - end].rank.reshape(-1)[pairs[:, 1 - end]]
        longest_first = np.lexsort((other if end == 0 else -other, pairs[:, end]))
        vertex = pairs[longest_first, end]
        nth = np.arange(len(vertex)) - np.searchsorted(vertex, vertex)
        sides.append((longest_first, vertex, nth))
    (image_order, vertex, nth), (order, vertices, _) = sides
    found = np.empty(len(image), np.int64)
    found[image_order] = order[np.searchsorted(vertices, vertex) + nth]
    return found
