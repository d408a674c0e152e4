"""Which vertices may be critical, as logic on bits: many vertices are decided by one operation.

A vertex is regular, it changes no homology, when its lower link is connected and has Euler
characteristic 1.  The functions here take one word of bits for every neighbour, bit i telling
whether that neighbour of vertex i comes before it, and return the word of candidates: all critical
vertices and a few regular ones.  Words may be anything with the operators ``& | ^ ~``: Python and
numpy integers, or the vectors of machine words of `bit_planes`.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Sequence
from typing import Any

from .geometry import LinkGeometry, cubical_geometry, freudenthal_geometry

Word = Any
FLOOD_ROUNDS = 3
"""Sweeps over the edges of an octahedron's subgraph after which a flood has gone everywhere."""


def freudenthal_candidates(lower: Sequence[Word]) -> Word:
    """Return the candidates of the triangulated grid.

    The link is a cube whose six faces are cut into triangles from their centres.  The lower link
    is a full subcomplex, so its characteristic is that of the cube's graph plus, for each lower
    centre, 1 if all corners of the face are alike and -1 if they alternate.  If it is 1 and
    the lower link is not connected, two antipodal link vertices differ from all their neighbours.

    Args:
        lower: words of the 14 directions.
    """
    geometry = freudenthal_geometry()
    corners, faces = _cube(geometry)
    edges = [(a, b) for a, b in geometry.edges.tolist() if a in corners and b in corners]
    unlike = {frozenset(edge): lower[edge[0]] ^ lower[edge[1]] for edge in edges}
    terms = [lower[a] for a in corners] + [~(lower[a] & lower[b]) for a, b in edges]
    alike = {}
    for centre, (a, b, c, d) in faces.items():
        sides = [unlike[frozenset(side)] for side in ((a, b), (b, c), (c, d))]
        alike[centre] = ~(sides[0] | sides[1] | sides[2])
        terms.append(lower[centre] & alike[centre])
        terms.append(~(lower[centre] & sides[0] & sides[1] & sides[2]))
    candidates = _differs(binary_sum(terms), 1 + len(edges) + len(faces))
    for a in range(len(lower) // 2):
        antipode = len(lower) - 1 - a
        isolated = _isolated(geometry, lower, a) & _isolated(geometry, lower, antipode)
        candidates = candidates | isolated
    return candidates


def cubical_candidates(lower: Sequence[Word]) -> Word:
    """Return the candidates of the cubical grid.

    A square or cube is in the lower link when all its corners come first.

    Args:
        lower: words of the 26 vertices of `geometry.LinkGeometry.upward_steps`.
    """
    geometry = cubical_geometry()
    vertices, corners = list(lower[: len(geometry.steps)]), lower[len(geometry.steps) :]
    edges = [
        vertices[a] & vertices[b] & corner
        for (a, b), corner in zip(geometry.edges.tolist(), corners, strict=False)
    ]
    number = geometry.edge_number
    triangles = [
        edges[number[a, b]] & edges[number[a, c]] & edges[number[b, c]] & corner
        for (a, b, c), corner in zip(
            geometry.triangles.tolist(), corners[len(edges) :], strict=True
        )
    ]
    terms = vertices + [~edge for edge in edges] + triangles
    candidates = _differs(binary_sum(terms), 1 + len(edges))
    for vertex, reached in zip(vertices, _flood(geometry, vertices, edges), strict=True):
        candidates = candidates | (vertex ^ reached)
    return candidates


def binary_sum(words: Sequence[Word]) -> list[Word]:
    """Count, for each bit, the words that have it set; return the binary digits, lowest first."""
    digits, column = [], deque(words)
    while column:
        carries: deque[Word] = deque()
        while len(column) > 2:
            a, b, c = column.popleft(), column.popleft(), column.popleft()
            column.append(a ^ b ^ c)
            carries.append((a & b) | (c & (a | b)))
        if len(column) == 2:
            a, b = column.popleft(), column.popleft()
            column.append(a ^ b)
            carries.append(a & b)
        digits.append(column[0])
        column = carries
    return digits


def _differs(digits: Sequence[Word], number: int) -> Word:
    """Tell for each bit whether binary digits make up another number."""
    unequal = [~digit if number >> i & 1 else digit for i, digit in enumerate(digits)]
    return functools.reduce(lambda a, b: a | b, unequal)


def _cube(geometry: LinkGeometry) -> tuple[list[int], dict[int, list[int]]]:
    """Return the cube's corners, and the corners around the centre of every face in cyclic order.

    A face's centre is joined to the face's four corners only, a corner to six vertices.
    """
    neighbours = [set(row.nonzero()[0].tolist()) for row in geometry.edge_number >= 0]
    corners = [a for a, joined in enumerate(neighbours) if len(joined) == 6]
    faces = {}
    for centre, around in enumerate(neighbours):
        if centre not in corners:
            a = min(around)
            b, d = sorted(around & neighbours[a])
            (c,) = around - {a, b, d}
            faces[centre] = [a, b, c, d]
    return corners, faces


def _isolated(geometry: LinkGeometry, lower: Sequence[Word], vertex: int) -> Word:
    """Tell whether a link vertex differs from all link vertices that it is joined to."""
    around = (geometry.edge_number[vertex] >= 0).nonzero()[0].tolist()
    return functools.reduce(lambda a, b: a & b, [lower[vertex] ^ lower[b] for b in around])


def _flood(geometry: LinkGeometry, vertices: list[Word], edges: list[Word]) -> list[Word]:
    """Return which vertices of the lower link are connected to its first one."""
    reached, seen = [vertices[0]], vertices[0]
    for vertex in vertices[1:]:
        reached.append(vertex & ~seen)
        seen = seen | vertex
    for _ in range(FLOOD_ROUNDS):
        for (a, b), edge in zip(geometry.edges.tolist(), edges, strict=True):
            reached[a] = reached[a] | (edge & reached[b])
            reached[b] = reached[b] | (edge & reached[a])
    return reached
