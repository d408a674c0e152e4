"""Lower links in the triangulated grid: a table over the 2^14 masks of lower neighbours."""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined, kernel

from . import links
from .generic import implements
from .link_tables import saddle_triangles, spanning_forest
from .links import FREUDENTHAL_CODES, MAX_SADDLES, Freudenthal, Integers, Link, Sphere, Values

DIRECTIONS = 14
FULL = FREUDENTHAL_CODES - 1


@implements(links.lower_link, Freudenthal)
def _lower_link(link: Link, values: Values, vertex: int) -> int:
    value, mask = values[vertex], np.int64(0)
    for direction in range(DIRECTIONS // 2):
        mask |= np.int64(values[vertex + link.down[direction]] <= value) << direction
    for direction in range(DIRECTIONS // 2, DIRECTIONS):
        mask |= np.int64(values[vertex + link.down[direction]] < value) << direction
    return mask


@implements(links.forest, Freudenthal)
def _forest(link: Link, code: int) -> int:
    return link.forests[code]


@implements(links.spans, Freudenthal)
def _spans(link: Link, values: Values, vertex: int, link_edge: int) -> bool:
    return True


@implements(links.component_numbers, Freudenthal)
def _component_numbers(link: Link, values: Values, vertex: int, code: int) -> tuple[int, int]:
    both = np.int64(link.components[code])
    return both & 15, both >> 4


@implements(links.critical_triangles, Freudenthal)
def _critical_triangles(
    link: Link, values: Values, vertex: int, code: int, holes: Integers, found: Integers
) -> int:
    saddles = (np.int64(link.components[code]) >> 4) - 1
    for i in range(saddles):
        for j in range(3):
            found[i, j] = link.saddles[code, i, j]
    return saddles


@inlined
def _full_masks(sphere: Sphere, vertices: int) -> tuple[int, int]:
    """Return the masks of the edges and triangles whose corners all lie in a mask of vertices."""
    edges, triangles = np.int64(0), np.int64(0)
    for i in range(sphere.edges.shape[0]):
        a, b = sphere.edges[i, 0], sphere.edges[i, 1]
        edges |= (vertices >> a & vertices >> b & 1) << i
    for i in range(sphere.triangles.shape[0]):
        a, b, c = sphere.triangles[i, 0], sphere.triangles[i, 1], sphere.triangles[i, 2]
        triangles |= (vertices >> a & vertices >> b & vertices >> c & 1) << i
    return edges, triangles


@kernel
def fill_tables(
    sphere: Sphere,
    forests: Integers,
    components: Integers,
    saddles: Integers,
    holes: Integers,
    found: Integers,
) -> int:
    """Fill the tables of `links.Freudenthal` over all masks of lower neighbours.

    The complement of a full subcomplex contracts to the full subcomplex on the other vertices:
    its components are those of their graph.
    """
    for mask in range(FREUDENTHAL_CODES):
        lower = np.int64(mask)
        forests[mask], trees = spanning_forest(lower, sphere.neighbours)
        _, upper_trees = spanning_forest(FULL & ~lower, sphere.neighbours)
        components[mask] = trees | upper_trees << 4
        if trees and upper_trees > 1:
            edges, triangles = _full_masks(sphere, lower)
            parents = forests[mask]
            count = saddle_triangles(sphere, lower, edges, triangles, parents, holes, found)
            for i in range(min(count, MAX_SADDLES)):
                for j in range(3):
                    saddles[mask, i, j] = found[i, j]
    return FREUDENTHAL_CODES
