"""Lower links in the cubical grid: subcomplexes of an octahedron."""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined, kernel

from . import links
from .generic import implements, lowest
from .link_tables import saddle_triangles, spanning_forest
from .links import CUBICAL_CODES, Cubical, Integers, Link, Sphere, Values
from .order import precedes

DIRECTIONS, EDGES, TRIANGLES = 6, 12, 8
VERTEX_MASK, EDGE_MASK, TRIANGLE_MASK = (
    (1 << DIRECTIONS) - 1,
    (1 << EDGES) - 1,
    (1 << TRIANGLES) - 1,
)


@inlined
def _neighbour_precedes(values: Values, vertex: int, offset: int) -> int:
    """Tell, as an integer, whether ``vertex + offset`` comes before the vertex."""
    here, there = values[vertex], values[vertex + offset]
    return np.int64(there < here) | (np.int64(there == here) & np.int64(offset < 0))


@implements(links.lower_link, Cubical)
def _lower_link(link: Link, values: Values, vertex: int) -> int:
    vertices, edges = np.int64(0), np.int64(0)
    for i in range(DIRECTIONS):
        vertices |= _neighbour_precedes(values, vertex, link.up[i]) << i
    for i in range(EDGES):
        a, b = link.sphere.edges[i, 0], link.sphere.edges[i, 1]
        corner = _neighbour_precedes(values, vertex, link.up[DIRECTIONS + i])
        edges |= (vertices >> a & vertices >> b & corner) << i
    return vertices | edges << DIRECTIONS


@inlined
def _lower_triangles(link: Link, values: Values, vertex: int, edges: int) -> int:
    """Return the mask of the cubes at the vertex that come before it: link triangles."""
    triangles = np.int64(0)
    for i in range(TRIANGLES):
        a, b, c = (
            link.sphere.triangles[i, 0],
            link.sphere.triangles[i, 1],
            link.sphere.triangles[i, 2],
        )
        number = link.sphere.edge_number
        sides = edges >> number[a, b] & edges >> number[a, c] & edges >> number[b, c]
        corner = _neighbour_precedes(values, vertex, link.up[DIRECTIONS + EDGES + i])
        triangles |= (sides & corner) << i
    return triangles


@inlined
def _count(mask: int) -> int:
    """Return the number of bits that are set."""
    bits = 0
    while mask:
        mask &= mask - 1
        bits += 1
    return bits


@implements(links.forest, Cubical)
def _forest(link: Link, code: int) -> int:
    return link.forests[code]


@implements(links.spans, Cubical)
def _spans(link: Link, values: Values, vertex: int, link_edge: int) -> bool:
    return precedes(values, vertex + link.up[DIRECTIONS + link_edge], vertex)


@implements(links.component_numbers, Cubical)
def _component_numbers(link: Link, values: Values, vertex: int, code: int) -> tuple[int, int]:
    """Use Alexander duality: b0 - b1 + b2 of the lower link is its Euler characteristic."""
    edges = code >> DIRECTIONS
    triangles = _lower_triangles(link, values, vertex, edges)
    if triangles == TRIANGLE_MASK:
        return np.int64(1), np.int64(0)
    parents, components = link.forests[code], 0
    for direction in range(DIRECTIONS):
        components += (parents >> (4 * direction)) & 15 == links.ROOT
    characteristic = _count(code & VERTEX_MASK) - _count(edges) + _count(triangles)
    return np.int64(components), np.int64(components - characteristic + 1)


@implements(links.critical_triangles, Cubical)
def _critical_triangles(
    link: Link, values: Values, vertex: int, code: int, holes: Integers, found: Integers
) -> int:
    edges = code >> DIRECTIONS
    triangles = _lower_triangles(link, values, vertex, edges)
    vertices, parents = code & VERTEX_MASK, link.forests[code]
    return saddle_triangles(link.sphere, vertices, edges, triangles, parents, holes, found)


@inlined
def _joined_by(sphere: Sphere, edges: int, joined: Integers) -> None:
    """Write for each direction the mask of the directions that a mask of edges joins it to."""
    joined[:] = 0
    while edges:
        edge = lowest(edges)
        edges &= edges - 1
        a, b = sphere.edges[edge, 0], sphere.edges[edge, 1]
        joined[a] |= np.int64(1) << b
        joined[b] |= np.int64(1) << a


@kernel
def fill_tables(sphere: Sphere, forests: Integers, neighbours: Integers) -> int:
    """Fill the table of `links.Cubical` over all graphs on the vertices of the octahedron."""
    for edges in range(EDGE_MASK + 1):
        _joined_by(sphere, np.int64(edges), neighbours)
        ends = np.int64(0)
        for direction in range(DIRECTIONS):
            ends |= np.int64(neighbours[direction] != 0) << direction
        for vertices in range(VERTEX_MASK + 1):
            if vertices & ends == ends:
                parents, _ = spanning_forest(np.int64(vertices), neighbours)
                forests[vertices | edges << DIRECTIONS] = parents
    return CUBICAL_CODES
