"""The stages of the native engine, in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import bit_planes, critical, cycles, maxima, minima
from .layout import WORD_BITS, Layout, layout
from .workspace import Critical, Store, Workspace, enlarged, new_store, new_workspace

BLOCK_WORDS = 128
FIRST_STORE = 1 << 14


def critical_pairs(
    field: NDArray[np.floating], complex: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None:
    """Pair the vertices where superlevel classes of a field die and are born.

    Args:
        field: ``(D, H, W)``, C-contiguous, float32 or float64.
        complex: ``"freudenthal"`` or ``"cubical"``.

    Returns:
        For degrees 0, 1 and 2 the ``(n, 2)`` C-order indices of (death, birth) vertices, with
        pairs of equal value among them; None if the field is not finite.
    """
    grid = layout(field.shape, complex)
    values = np.empty(grid.size + grid.spare, dtype=field.dtype)
    inside = np.zeros(grid.size // WORD_BITS, dtype=np.uint64)
    if not critical.pad(field, values, grid.start, inside):
        return None
    workspace = new_workspace(grid.size, field.dtype)
    points = _critical_vertices(grid, values, inside)
    first, edge_joins = _pair_minima(grid, values, points, workspace)
    third, triangle_joins, link_edges = _pair_maxima(grid, values, points, workspace)
    ends = np.flatnonzero(~triangle_joins)
    second = _pair_cycles(grid, values, points, workspace, ends, link_edges[ends], edge_joins.size)
    return tuple(grid.grid_index(pairs[:, ::-1]) for pairs in (first, second, third))


def _critical_vertices(
    grid: Layout, values: NDArray[np.floating], inside: NDArray[np.uint64]
) -> Critical:
    """Find the critical vertices and sort them."""
    planes = np.zeros((grid.offsets.size, grid.plane_words), dtype=np.uint64)
    candidates = np.empty_like(inside)
    bit_planes.mark_candidates(
        grid.link, values, planes, grid.offsets, grid.shifts, inside, candidates, BLOCK_WORDS
    )
    room = int(np.bitwise_count(candidates).sum())
    vertices, codes = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    lower, upper = np.empty(room, dtype=np.uint8), np.empty(room, dtype=np.uint8)
    count = critical.collect(grid.link, values, candidates, vertices, codes, lower, upper)
    order = np.argsort(values[vertices[:count]], kind="stable")
    lower, upper = lower[order], upper[order]
    return Critical(
        vertices[order], codes[order], lower, upper, _numbering(lower), _numbering(upper)
    )


def _numbering(components: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Number critical cells, one fewer at each vertex than it has components; and their sum."""
    cells = np.maximum(components, 1).astype(np.int64) - 1
    return np.concatenate([[0], np.cumsum(cells)])


def _pair_minima(
    grid: Layout, values: NDArray[np.floating], points: Critical, workspace: Workspace
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the pairs of degree 0, and which critical edges they used."""
    extrema = points.vertices[points.lower == 0]
    joins = np.empty(points.first_edge[-1], dtype=np.bool_)
    pairs = np.empty((extrema.size, 2), dtype=np.int32)
    parent = np.arange(extrema.size)
    count = minima.pair_minima(grid.link, values, points, extrema, parent, workspace, joins, pairs)
    return pairs[:count], joins


def _pair_maxima(
    grid: Layout, values: NDArray[np.floating], points: Critical, workspace: Workspace
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.int8]]:
    """Return the pairs of degree 2, which critical triangles they used, and these' link edges."""
    extrema = np.append(np.int32(0), points.vertices[points.upper == 0][::-1])
    triangles = points.first_triangle[-1]
    joins, link_edges = np.empty(triangles, dtype=np.bool_), np.empty(triangles, dtype=np.int8)
    pairs = np.empty((extrema.size, 2), dtype=np.int32)
    parent = np.arange(extrema.size)
    count = maxima.pair_maxima(
        grid.link, values, points, extrema, parent, workspace, joins, link_edges, pairs
    )
    return pairs[:count], joins, link_edges


def _pair_cycles(
    grid: Layout,
    values: NDArray[np.floating],
    points: Critical,
    workspace: Workspace,
    ends: NDArray[np.int64],
    link_edges: NDArray[np.int8],
    edges: int,
) -> NDArray[np.int32]:
    """Return the pairs of degree 1, given the critical triangles that end cycles."""
    sources = np.searchsorted(points.first_triangle, ends, side="right") - 1
    column_of = np.full(edges, -1)
    pairs = np.empty((ends.size, 2), dtype=np.int32)
    store: Store = new_store(ends.size, FIRST_STORE)
    done = 0
    while done < ends.size:
        done = cycles.pair_cycles(
            grid.link, values, points, sources, link_edges, done, workspace, column_of, store, pairs
        )
        if done < ends.size:
            store = enlarged(store, 2 * store.vertices.size)
    return pairs
