"""The link of a grid vertex in both complexes, generated from their definitions.

The cells that have a vertex v as a corner fill a ball around it and cut a small sphere around v
into cells of one dimension less.  That sphere is the *link* of v: an edge at v meets it in a link
vertex, a triangle or square at v in a link edge, a tetrahedron or cube at v in a link triangle.

A *direction* is a link vertex: the grid step from v to the other end of the edge.  Directions are
numbered in the order of the flat index, so the first half of them leads to lower indices and the
opposite of direction d of n is ``n - 1 - d``.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Step = tuple[int, int, int]
Joined = Callable[[Step, Step], bool]
CORNERS: list[Step] = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
"""Of a cube."""


@dataclass(frozen=True)
class LinkGeometry:
    """The link of a vertex, as a triangulated sphere, and the cells around the vertex.

    Attributes:
        steps: ``(n, 3)`` grid step of every direction.
        edges: ``(m, 2)`` directions that span a common triangle or square, ascending.
        edge_number: ``(n, n)`` row in ``edges`` of two directions, -1 where there is none.
        edge_triangles: ``(m, 2)`` the two link triangles at each link edge.
        triangles: ``(t, 3)`` directions that span a common tetrahedron or cube.
        far_start: ``(m, r, 3)`` steps to the start of the edges of a triangle (r = 1) or square
            (r = 2) that do not touch v.
        far_direction: ``(m, r)`` their directions.
        upward_steps: ``(u, 3)`` steps to the vertices that can keep a cell at v out of a sublevel
            set: for link vertex, link edge, link triangle number i the far corner of its cell.
    """

    steps: NDArray[np.int64]
    edges: NDArray[np.int64]
    edge_number: NDArray[np.int64]
    edge_triangles: NDArray[np.int64]
    triangles: NDArray[np.int64]
    far_start: NDArray[np.int64]
    far_direction: NDArray[np.int64]
    upward_steps: NDArray[np.int64]

    @property
    def around(self) -> NDArray[np.int64]:
        """``(u, 3)`` the upward steps in the order of the flat index."""
        return np.array(sorted(self.upward_steps.tolist()))


@functools.cache
def freudenthal_geometry() -> LinkGeometry:
    """Return the link in the triangulated grid: 14 vertices, 36 edges, 24 triangles.

    Simplices are chains ``v <= v + d1 <= v + d2 <= v + (1, 1, 1)`` of 0/1 steps, so two vertices
    are joined when their difference has entries in {0, 1} or in {0, -1}.
    """
    forward = [step for step in CORNERS if any(step)]
    steps = _with_opposites(forward)
    number = {step: i for i, step in enumerate(steps)}

    def far_edges(a: Step, b: Step) -> list[tuple[Step, int]]:
        return [(a, number[_minus(b, a)])]

    return _geometry(steps, lambda a, b: _minus(b, a) in number, far_edges, steps)


@functools.cache
def cubical_geometry() -> LinkGeometry:
    """Return the link in the cubical grid, an octahedron: 6 vertices, 12 edges, 8 triangles."""
    forward = [step for step in CORNERS if sum(step) == 1]
    steps = _with_opposites(forward)
    number = {step: i for i, step in enumerate(steps)}

    def far_edges(a: Step, b: Step) -> list[tuple[Step, int]]:
        return [(a, number[b]), (b, number[a])]

    def joined(a: Step, b: Step) -> bool:
        return _plus(a, b) != (0, 0, 0)

    edges, triangles = _edges(steps, joined), _triangles(steps, joined)
    corners = [(a,) for a in range(len(steps))] + edges + triangles
    upward = [functools.reduce(_plus, [steps[a] for a in cell]) for cell in corners]
    return _geometry(steps, joined, far_edges, upward)


def _geometry(
    steps: list[Step],
    joined: Joined,
    far_edges: Callable[[Step, Step], list[tuple[Step, int]]],
    upward: list[Step],
) -> LinkGeometry:
    """Number the cells of the link whose vertices and edges are given."""
    edges, triangles = _edges(steps, joined), _triangles(steps, joined)
    edge_number = np.full((len(steps), len(steps)), -1)
    for i, (a, b) in enumerate(edges):
        edge_number[a, b] = edge_number[b, a] = i
    sides = [[t for t, cell in enumerate(triangles) if set(edge) <= set(cell)] for edge in edges]
    far = [far_edges(steps[a], steps[b]) for a, b in edges]
    return LinkGeometry(
        steps=np.array(steps),
        edges=np.array(edges),
        edge_number=edge_number,
        edge_triangles=np.array(sides),
        triangles=np.array(triangles),
        far_start=np.array([[start for start, _ in pair] for pair in far]),
        far_direction=np.array([[direction for _, direction in pair] for pair in far]),
        upward_steps=np.array(upward),
    )


def forward_steps(geometry: LinkGeometry) -> list[Step]:
    """List the upward steps that raise the flat index; the others are their opposites."""
    return [step for step in map(tuple, geometry.around.tolist()) if step > (0, 0, 0)]


def _with_opposites(forward: list[Step]) -> list[Step]:
    """List the forward steps and their opposites in the order of the flat index."""
    return sorted([_minus((0, 0, 0), step) for step in forward] + forward)


def _edges(steps: list[Step], joined: Joined) -> list[tuple[int, int]]:
    """List the pairs of directions that are joined."""
    pairs = itertools.combinations(range(len(steps)), 2)
    return [(a, b) for a, b in pairs if joined(steps[a], steps[b])]


def _triangles(steps: list[Step], joined: Joined) -> list[tuple[int, int, int]]:
    """List the triples of directions that are joined in pairs; they span a cell."""
    edges = set(_edges(steps, joined))
    triples = itertools.combinations(range(len(steps)), 3)
    return [t for t in triples if edges.issuperset(itertools.combinations(t, 2))]


def _plus(a: Step, b: Step) -> Step:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _minus(a: Step, b: Step) -> Step:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]
