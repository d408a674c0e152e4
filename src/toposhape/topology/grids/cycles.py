"""Degree 1: boundary cycles of triangles, pushed down to the edge that creates them.

A critical triangle that joins no holes ends a cycle.  Its boundary is pushed down: the last vertex
of the cycle is taken from a queue, the cycle's edges at it are exchanged for edges below it by
adding triangles at the vertex, until that fails at a critical edge.  If no earlier triangle ended
that edge's cycle the two are paired and the cycle is kept; otherwise the kept cycle is added.

An edge of a cycle is a bit at its later end, the direction of the other end.
"""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import inlined, kernel

from .complexes import forest, lower_link, spans
from .generic import lowest
from .links import ROOT, Integers, Link, Values
from .order import precedes
from .vertex_queue import SIZE, VACANT, VERTEX, drop_top, push, take_top
from .workspace import Critical, Queue, Scratch, Store

NO_ROOM, VANISHED = -1, -2

QUEUED = 1 << 15
"""Bit of a vertex of the cycle that is in the queue."""


@inlined
def flip(values: Values, cycle: Integers, queue: Queue, vertex: int, bits: int) -> None:
    """Add edges modulo 2 at their later end; queue that vertex if it is not."""
    edges = np.int64(cycle[vertex]) ^ bits
    if not edges & QUEUED:
        edges |= QUEUED
        push(queue, values, vertex)
    cycle[vertex] = edges


@inlined
def flip_far_edges(
    link: Link, values: Values, cycle: Integers, queue: Queue, vertex: int, link_edge: int
) -> None:
    """Add the edges of a triangle or square that do not touch its last vertex."""
    for i in range(link.far_direction.shape[1]):
        start = vertex + link.far_start[link_edge, i]
        direction = link.far_direction[link_edge, i]
        end = start + link.down[direction]
        if precedes(values, start, end):
            start, direction = end, link.down.size - 1 - direction
        flip(values, cycle, queue, start, np.int64(1) << direction)


@inlined
def short_path(link: Link, values: Values, vertex: int, edges: int) -> int:
    """Join two edges at a vertex by one triangle, or by the two that go down the steepest.

    Returns:
        The mask of the triangles' link edges, 0 if there is no such path.
    """
    one, rest = lowest(edges), edges & (edges - 1)
    if rest == 0 or rest & (rest - 1):
        return np.int64(0)
    other = lowest(rest)
    number = link.sphere.edge_number
    if number[one, other] >= 0 and spans(link, values, vertex, number[one, other]):
        return np.int64(1) << number[one, other]
    common = link.sphere.neighbours[one] & link.sphere.neighbours[other]
    path, end = np.int64(0), vertex
    while common:
        middle = lowest(common)
        common &= common - 1
        candidate = vertex + link.down[middle]
        first, second = number[one, middle], number[other, middle]
        if (
            precedes(values, candidate, end)
            and spans(link, values, vertex, first)
            and spans(link, values, vertex, second)
        ):
            end, path = candidate, np.int64(1) << first | np.int64(1) << second
    return path


@inlined
def paths_to_roots(link: Link, trees: int, edges: int) -> tuple[int, int]:
    """Move edges at a vertex along the spanning forest of its lower link to the roots.

    Returns:
        The mask of the link edges on the way, and that of the roots that are left, both modulo 2.
    """
    path, roots = np.int64(0), np.int64(0)
    while edges:
        direction = lowest(edges)
        edges &= edges - 1
        parent = (trees >> (4 * direction)) & 15
        while parent != ROOT:
            path ^= np.int64(1) << link.sphere.edge_number[direction, parent]
            direction = parent
            parent = (trees >> (4 * direction)) & 15
        roots ^= np.int64(1) << direction
    return path, roots


@inlined
def push_down(
    link: Link, values: Values, cycle: Integers, queue: Queue, vertex: int, source: int
) -> tuple[int, int]:
    """Exchange the cycle's edges at a vertex for edges below it.

    Args:
        link: the complex.
        values: padded values.
        cycle: bits of the cycle's edges; those at the vertex are taken.
        queue: the cycle's vertices.
        vertex: the last of them.
        source: the vertex of the triangle whose boundary this is.  There, only the triangles of
            the discrete gradient come before that triangle.

    Returns:
        The edges that cannot be exchanged, 0 or a mask of roots, and the spanning forest.
    """
    edges = np.int64(cycle[vertex]) & ~QUEUED
    cycle[vertex] = 0
    trees = path = roots = np.int64(0)
    if edges:
        if vertex != source:
            path = short_path(link, values, vertex, edges)
        if path == 0:
            trees = forest(link, lower_link(link, values, vertex))
            path, roots = paths_to_roots(link, trees, edges)
    while path:
        flip_far_edges(link, values, cycle, queue, vertex, lowest(path))
        path &= path - 1
    return roots, trees


@inlined
def last_critical_edge(trees: int, roots: int, first_edge: int) -> int:
    """Return the number of the last critical edge among roots; the first root is not critical."""
    edge, last, direction = first_edge - 1, first_edge, 0
    while roots >> direction:
        if (trees >> (4 * direction)) & 15 == ROOT:
            if (roots >> direction) & 1:
                last = edge
            edge += 1
        direction += 1
    return last


@inlined
def keep(
    values: Values, cycle: Integers, queue: Queue, vertex: int, roots: int, store: Store
) -> None:
    """Move the cycle, with ``roots`` at its last vertex, to the store of kept cycles."""
    drop_top(queue, values)
    column = store.kept[0]
    used = store.start[column]
    store.vertices[used], store.edges[used] = vertex, roots
    used += 1
    for i in range(queue.state[SIZE]):
        other = queue.keys[i] & VERTEX
        edges = np.int64(cycle[other]) & ~QUEUED
        if edges:
            store.vertices[used], store.edges[used] = other, edges
            used += 1
        cycle[other] = 0
    queue.state[SIZE] = 0
    store.kept[0] = column + 1
    store.start[column + 1] = used


@inlined
def add_kept(values: Values, cycle: Integers, queue: Queue, store: Store, column: int) -> None:
    """Add a kept cycle modulo 2."""
    for i in range(store.start[column], store.start[column + 1]):
        flip(values, cycle, queue, np.int64(store.vertices[i]), np.int64(store.edges[i]))


@inlined
def abandon(cycle: Integers, queue: Queue) -> None:
    """Forget the cycle in the queue."""
    for i in range(queue.state[SIZE]):
        cycle[queue.keys[i] & VERTEX] = 0
    queue.state[SIZE] = queue.state[VACANT] = 0


@inlined
def reduce_boundary(
    link: Link,
    values: Values,
    critical: Critical,
    source: int,
    link_edge: int,
    scratch: Scratch,
    column_of: Integers,
    store: Store,
) -> int:
    """Push the boundary of one critical triangle down to the critical edge that it is paired with.

    Returns:
        The vertex of that edge, `NO_ROOM` if the store has none for the cycle, or `VANISHED` if the
        boundary bounds something earlier, which is against the theory.
    """
    cycle, queue = scratch.cycle, scratch.queue
    ends = np.int64(1) << link.sphere.edges[link_edge, 0]
    ends |= np.int64(1) << link.sphere.edges[link_edge, 1]
    flip(values, cycle, queue, source, ends)
    flip_far_edges(link, values, cycle, queue, source, link_edge)
    while drop_top(queue, values):
        vertex = np.int64(take_top(queue))
        roots, trees = push_down(link, values, cycle, queue, vertex, source)
        if roots == 0:
            continue
        first_edge = critical.first_edge[scratch.label[vertex] - 1]
        edge = last_critical_edge(trees, roots, first_edge)
        if column_of[edge] >= 0:
            flip(values, cycle, queue, vertex, roots)
            add_kept(values, cycle, queue, store, column_of[edge])
            continue
        if store.start[store.kept[0]] + queue.state[SIZE] + 1 > store.vertices.size:
            abandon(cycle, queue)
            return np.int64(NO_ROOM)
        column_of[edge] = store.kept[0]
        keep(values, cycle, queue, vertex, roots, store)
        return vertex
    return np.int64(VANISHED)


@kernel
def pair_cycles(
    link: Link,
    values: Values,
    critical: Critical,
    sources: Integers,
    link_edges: Integers,
    begin: int,
    scratch: Scratch,
    column_of: Integers,
    store: Store,
    pairs: Integers,
) -> int:
    """Pair the critical triangles that end cycles with the critical edges that create these.

    Args:
        link: the complex.
        values: padded values.
        critical: the critical vertices in the order of the filtration.
        sources: their numbers, one for each triangle that ends a cycle, in the same order.
        link_edges: the triangles' link edges.
        begin: number of the triangle to begin with.
        scratch: scratch memory.
        column_of: number of the kept cycle that ends at each critical edge, -1: none.
        store: the kept cycles.
        pairs: to be filled with (vertex of the edge, vertex of the triangle).

    Returns:
        The number of triangles that are done, less than all if the store is too small; `VANISHED`
        for what must not happen.
    """
    label = scratch.label
    for i in range(critical.vertices.size):
        if critical.lower[i] > 1:
            label[critical.vertices[i]] = i + 1
    done, vertex = begin, np.int64(0)
    while done < sources.size:
        source = np.int64(critical.vertices[sources[done]])
        edge = np.int64(link_edges[done])
        vertex = reduce_boundary(link, values, critical, source, edge, scratch, column_of, store)
        if vertex < 0:
            break
        pairs[done, 0], pairs[done, 1] = vertex, source
        done += 1
    for i in range(critical.vertices.size):
        label[critical.vertices[i]] = 0
    return VANISHED if vertex == VANISHED else done
