"""Forests and critical triangles of lower links: the discrete gradient inside one lower star."""

from __future__ import annotations

import numpy as np

from .generic import kernel, lowest
from .links import ABSENT, ROOT


@kernel
def spanning_forest(vertices, joined):  # noqa: ANN001, ANN201
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


@kernel
def tree_edges(sphere, parents):  # noqa: ANN001, ANN201
    """Return the mask of the link edges that a packed forest uses."""
    mask = np.int64(0)
    for direction in range(sphere.edge_number.shape[0]):
        parent = (parents >> (4 * direction)) & 15
        if parent < ROOT:
            mask |= np.int64(1) << sphere.edge_number[direction, parent]
    return mask


@kernel
def label_hole(sphere, edges, seed, hole, region):  # noqa: ANN001, ANN201
    """Label the triangles of the component of the complement that holds the triangle ``seed``."""
    region[seed] = hole
    grows = True
    while grows:
        grows = False
        for edge in range(sphere.edges.shape[0]):
            if not (edges >> edge) & 1:
                s, t = sphere.edge_triangles[edge, 0], sphere.edge_triangles[edge, 1]
                if (region[s] == hole) != (region[t] == hole):
                    region[s] = region[t] = hole
                    grows = True


@kernel
def outer_vertex(sphere, vertices, edges, triangles, hole, region):  # noqa: ANN001, ANN201
    """Return the ``up`` number of a grid vertex that keeps a hole of the lower link open.

    It is the far corner of the smallest missing cell in the hole's region: a link vertex, else a
    link edge, else a link triangle.
    """
    for triangle in range(region.size):
        if region[triangle] == hole:
            for corner in range(3):
                vertex = sphere.triangles[triangle, corner]
                if not (vertices >> vertex) & 1:
                    return vertex
    for edge in range(sphere.edges.shape[0]):
        if not (edges >> edge) & 1 and region[sphere.edge_triangles[edge, 0]] == hole:
            return sphere.edge_number.shape[0] + edge
    for triangle in range(region.size):
        if not (triangles >> triangle) & 1 and region[triangle] == hole:
            return sphere.edge_number.shape[0] + sphere.edges.shape[0] + triangle
    return -1


@kernel
def label_holes(sphere, edges, triangles, region):  # noqa: ANN001, ANN201
    """Label each triangle outside the lower link with the number of its hole, the others -1."""
    region[:] = -1
    holes = 0
    for seed in range(region.size):
        if region[seed] < 0 and not (triangles >> seed) & 1:
            label_hole(sphere, edges, seed, holes, region)
            holes += 1


@kernel
def grow_regions(sphere, edges, region):  # noqa: ANN001, ANN201
    """Let the labels of the holes grow over link edges until all triangles have one.

    Returns:
        The mask of the given edges that no tree used: both their sides are labelled.
    """
    grows = True
    while grows:
        grows = False
        untried = edges
        while untried:
            edge = lowest(untried)
            untried &= untried - 1
            s, t = sphere.edge_triangles[edge, 0], sphere.edge_triangles[edge, 1]
            if (region[s] < 0) != (region[t] < 0):
                region[s] = region[t] = max(region[s], region[t])
                edges ^= np.int64(1) << edge
                grows = True
    return edges


@kernel
def saddle_triangles(sphere, vertices, edges, triangles, parents, region, found):  # noqa: ANN001, ANN201
    """List the critical triangles (or squares) of a vertex with this lower link.

    The link edges outside the spanning forest join triangles of the lower link and holes of it to
    a dual graph.  Trees that grow from the holes pair these edges with triangles; each edge that
    is left lies between two holes and is critical.

    Args:
        sphere: the link.
        vertices, edges, triangles: masks of the lower link.
        parents: its packed spanning forest.
        region: scratch memory, one number for each link triangle.
        found: ``(n, 3)``, to be filled with link edge and the ``up`` of the holes at its sides.

    Returns:
        The number of critical triangles.
    """
    label_holes(sphere, edges, triangles, region)
    left = grow_regions(sphere, edges & ~tree_edges(sphere, parents), region)
    count = 0
    while left:
        edge = lowest(left)
        left &= left - 1
        found[count, 0] = edge
        for side in range(2):
            hole = region[sphere.edge_triangles[edge, side]]
            found[count, 1 + side] = outer_vertex(sphere, vertices, edges, triangles, hole, region)
        count += 1
    return count
