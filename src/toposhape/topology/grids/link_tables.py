"""Forests and critical triangles of lower links: the discrete gradient inside one lower star."""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined

from .generic import lowest
from .links import ABSENT, ROOT, Integers, Sphere


@inlined
def spanning_forest(vertices: int, joined: Integers) -> tuple[int, int]:
    """Span the graph on a mask of link vertices with trees.

    Args:
        vertices: mask of the link vertices.
        joined: for each direction the mask of directions joined to it, which may hold others.

    Returns:
        The forest, 4 bits for each direction: its parent, `ROOT` or `ABSENT`; and the number of
        its trees.  Roots are the lowest directions of their components.
    """
    parents, unseen, trees = np.int64(0), np.int64(vertices), 0
    for direction in range(joined.size):
        if not (vertices >> direction) & 1:
            parents |= np.int64(ABSENT) << (4 * direction)
    while unseen:
        frontier = unseen & -unseen
        parents |= np.int64(ROOT) << (4 * lowest(frontier))
        unseen ^= frontier
        trees += 1
        while frontier:
            parent = lowest(frontier)
            children = np.int64(joined[parent]) & unseen
            frontier = (frontier & (frontier - 1)) | children
            unseen ^= children
            while children:
                parents |= parent << (4 * lowest(children))
                children &= children - 1
    return parents, trees


@inlined
def tree_edges(sphere: Sphere, parents: int) -> int:
    """Return the mask of the link edges that a packed forest uses."""
    mask = np.int64(0)
    for direction in range(sphere.edge_number.shape[0]):
        parent = (parents >> (4 * direction)) & 15
        if parent < ROOT:
            mask |= np.int64(1) << sphere.edge_number[direction, parent]
    return mask


@inlined
def find_holes(sphere: Sphere, edges: int, triangles: int, holes: Integers) -> int:
    """Find the components of the complement of the lower link.

    Args:
        sphere: the link.
        edges: mask of the lower link's edges.
        triangles: mask of its triangles.
        holes: to be filled with the masks of their link triangles.

    Returns:
        The number of holes.
    """
    every_triangle = (np.int64(1) << sphere.triangles.shape[0]) - 1
    every_edge = (np.int64(1) << sphere.edges.shape[0]) - 1
    free, count = every_triangle & ~triangles, 0
    while free:
        hole, before = free & -free, np.int64(0)
        while hole != before:
            before, passages = hole, every_edge & ~edges
            while passages:
                sides = sphere.sides[lowest(passages)]
                passages &= passages - 1
                if sides & hole:
                    hole |= sides
        holes[count] = hole
        count += 1
        free &= ~hole
    return count


@inlined
def hole_at(holes: Integers, triangles: int) -> int:
    """Return the number of the first hole with one of some triangles, -1 if there is none."""
    for i in range(holes.size):
        if holes[i] & triangles:
            return i
    return -1


@inlined
def grow_holes(sphere: Sphere, edges: int, holes: Integers) -> int:
    """Let the holes grow over link edges until they share all triangles out among them.

    Returns:
        The mask of the given edges over which no hole grew.
    """
    grows = True
    while grows:
        grows, untried = False, edges
        while untried:
            edge = lowest(untried)
            untried &= untried - 1
            one = sphere.sides[edge] & -sphere.sides[edge]
            other = sphere.sides[edge] ^ one
            i, j = hole_at(holes, one), hole_at(holes, other)
            if (i < 0) != (j < 0):
                holes[max(i, j)] |= one | other
                edges ^= np.int64(1) << edge
                grows = True
    return edges


@inlined
def outer_vertex(sphere: Sphere, vertices: int, edges: int, triangles: int, hole: int) -> int:
    """Return the ``up`` number of a grid vertex that keeps a hole of the lower link open.

    It is the far corner of the smallest missing cell in the hole: a link vertex, else a link edge,
    else a link triangle.  ``vertices``, ``edges`` and ``triangles`` are masks of the lower link.
    """
    directions, link_edges = sphere.stars.size, sphere.sides.size
    for direction in range(directions):
        if not (vertices >> direction) & 1 and sphere.stars[direction] & hole:
            return direction
    for edge in range(link_edges):
        if not (edges >> edge) & 1 and sphere.sides[edge] & hole:
            return directions + edge
    return directions + link_edges + np.int64(lowest(hole & ~triangles))


@inlined
def saddle_triangles(
    sphere: Sphere,
    vertices: int,
    edges: int,
    triangles: int,
    parents: int,
    holes: Integers,
    found: Integers,
) -> int:
    """List the critical triangles (or squares) of a vertex with this lower link.

    The link edges outside the spanning forest join triangles of the lower link and holes of it to
    a dual graph.  Trees that grow from the holes pair these edges with triangles; each edge that
    is left lies between two holes and is critical.

    Args:
        sphere: the link.
        vertices: mask of the lower link's vertices.
        edges: mask of its edges.
        triangles: mask of its triangles.
        parents: its packed spanning forest.
        holes: scratch memory, one number for each link triangle.
        found: ``(n, 3)``, to be filled with link edge and the ``up`` of the holes at its sides.

    Returns:
        The number of critical triangles.
    """
    holes = holes[: find_holes(sphere, edges, triangles, holes)]
    left = grow_holes(sphere, edges & ~tree_edges(sphere, parents), holes)
    count = 0
    while left:
        edge = lowest(left)
        left &= left - 1
        one = sphere.sides[edge] & -sphere.sides[edge]
        found[count, 0] = edge
        for i, side in enumerate((one, sphere.sides[edge] ^ one)):
            hole = holes[hole_at(holes, side)]
            found[count, 1 + i] = outer_vertex(sphere, vertices, edges, triangles, hole)
        count += 1
    return count
