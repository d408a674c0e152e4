"""What the kernels know of a complex: its link, with offsets in a padded grid, and its tables.

Kernels are written once for both complexes.  Where these differ they call the generic functions
below; which code runs is decided when a kernel is compiled, by the type of its ``link`` argument.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
Integers = NDArray[np.integer]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

FREUDENTHAL_CODES = 1 << 14
CUBICAL_CODES = 1 << 18
MAX_SADDLES = 5
"""Most critical triangles of a vertex in the triangulated grid."""

ROOT = 14
ABSENT = 15
"""Nibbles of a packed forest that are no direction: root of a tree, vertex not in the link."""


class Sphere(NamedTuple):
    """The triangulated sphere that a link is; see `geometry.LinkGeometry`.

    Besides the numbered cells there are masks: ``neighbours`` of each direction, the directions
    that it shares an edge with; ``sides`` of each edge, its two triangles; ``stars`` of each
    direction, the triangles at it.
    """

    edges: NDArray[np.int64]
    edge_number: NDArray[np.int64]
    triangles: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    sides: NDArray[np.int64]
    stars: NDArray[np.int64]


class Freudenthal(NamedTuple):
    """The triangulated grid.

    The lower link is the full subcomplex on its vertices: its code is their 14-bit mask.

    Attributes:
        sphere: the link.
        down: ``(14,)`` offsets of the directions.
        up: ``(14,)`` offsets of the vertices that can bound a hole of the lower link; the same.
        around: ``(14,)`` these in ascending order; the same.
        far_start, far_direction: ``(36, 1)`` the edges opposite the vertex, offset and direction.
        forests: ``(2^14,)`` packed spanning forest of each lower link.
        components: ``(2^14,)`` numbers of components of the lower link and, shifted by 4 bits,
            of its complement.
        saddles: ``(2^14, 5, 3)`` critical triangles: link edge, ``up`` of the holes at its sides.
    """

    sphere: Sphere
    down: NDArray[np.int64]
    up: NDArray[np.int64]
    around: NDArray[np.int64]
    far_start: NDArray[np.int64]
    far_direction: NDArray[np.int64]
    forests: NDArray[np.int64]
    components: NDArray[np.uint8]
    saddles: NDArray[np.int8]


class Cubical(NamedTuple):
    """The cubical grid (V-construction).

    The lower link is a subcomplex of the octahedron: its code is the mask of its 6 vertices and,
    shifted by 6 bits, that of its 12 edges.  Its triangles are looked up where they matter.

    Attributes:
        sphere: the link.
        down: ``(6,)`` offsets of the directions.
        up: ``(26,)`` offsets of the far corners of the edges, squares and cubes at a vertex.
        around: ``(26,)`` these in ascending order.
        far_start, far_direction: ``(12, 2)`` the edges of a square that do not touch the vertex.
        forests: ``(2^18,)`` packed spanning forest of each lower link.
    """

    sphere: Sphere
    down: NDArray[np.int64]
    up: NDArray[np.int64]
    around: NDArray[np.int64]
    far_start: NDArray[np.int64]
    far_direction: NDArray[np.int64]
    forests: NDArray[np.int64]


Link = Freudenthal | Cubical


def lower_link(link: Link, values: Values, vertex: int) -> int:
    """Return the code of the lower link: which edges and triangles at the vertex come before it."""
    raise TypeError("generic: callable from kernels only")


def forest(link: Link, code: int) -> int:
    """Return the spanning forest of a lower link: 4 bits for each direction, its parent."""
    raise TypeError("generic: callable from kernels only")


def spans(link: Link, values: Values, vertex: int, link_edge: int) -> bool:
    """Tell whether a link edge is in the lower link, given that its ends are."""
    raise TypeError("generic: callable from kernels only")


def component_numbers(link: Link, values: Values, vertex: int, code: int) -> tuple[int, int]:
    """Return the numbers of components of the lower link and of its complement in the sphere."""
    raise TypeError("generic: callable from kernels only")


def critical_triangles(
    link: Link, values: Values, vertex: int, code: int, holes: Integers, found: Integers
) -> int:
    """List the critical triangles at a vertex in ``found``: link edge, ``up`` of both its holes.

    ``holes`` is scratch memory for one number per link triangle.  Returns how many there are.
    """
    raise TypeError("generic: callable from kernels only")
