"""The stages of the native engine, in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Bundle, Kernel
from toposhape.base.threads import run_in_threads

from ..images.engine import image_pairs
from .layout import Layout, layout
from .sorting import ascending_order
from .workspace import Critical, Workspace, borrowed, enlarged, new_store

BLOCK_WORDS = 128
STORED_PER_CYCLE = 16
"""Vertices of a kept cycle that there is room for at first, on average."""

_pad = Kernel(f"{__package__}.critical", "pad")
_mark_candidates = Kernel(f"{__package__}.bit_planes", "mark_candidates")
_collect = Kernel(f"{__package__}.critical", "collect")
_unpad = Kernel(f"{__package__}.critical", "unpad")
_pair_minima = Kernel(f"{__package__}.minima", "pair_minima")
_pair_maxima = Kernel(f"{__package__}.maxima", "pair_maxima")
_pair_cycles = Kernel(f"{__package__}.cycles", "pair_cycles")

Pairs = NDArray[np.int32]
"""``(n, 2)`` padded vertices: birth and death in the sublevel sets of the padded values."""


GridPairs = tuple[NDArray[np.int64], ...]
"""For degrees 0, 1 and 2 the ``(n, 2)`` C-order indices of (death, birth) vertices."""


def critical_pairs(
    fields: Sequence[NDArray[np.floating]], complex: str, threads: int | None
) -> list[GridPairs | None]:
    """Pair the vertices where superlevel classes of fields die and are born.

    Args:
        fields: ``(D, H, W)`` each, float32 or float64.
        complex: ``"freudenthal"`` or ``"cubical"``.
        threads: fields at the same time, as in `run_in_threads`.

    Returns:
        The pairs of each field, with pairs of equal value among them; None if it is not finite.
    """
    found: list[GridPairs | None] = [None] * len(fields)

    def fill(i: int) -> None:
        field = np.ascontiguousarray(fields[i])
        found[i] = (_image_pairs if len(field) == 1 else _pairs_of)(field, complex)

    run_in_threads(fill, len(fields), threads)
    return found


def _image_pairs(field: NDArray[np.floating], complex: str) -> GridPairs | None:
    """Pair the vertices of a field of depth one; None if it is not finite."""
    pairs = image_pairs(field, complex, threads=1)
    if pairs is None:
        return None
    first = int(np.searchsorted(pairs.degree, 1))
    return pairs.vertices[:first], pairs.vertices[first:], pairs.vertices[:0]


def _pairs_of(field: NDArray[np.floating], complex: str) -> GridPairs | None:
    """Pair the vertices of one C-contiguous field; None if it is not finite."""
    grid = layout(field.shape, complex)
    with borrowed(grid, field.dtype) as workspace:
        if _pad(field, workspace.padded, grid.start):
            return None
        critical = _critical_vertices(grid, workspace)
        bundle = Bundle(critical)
        minima, edge_joins = _degree_0(grid, workspace, critical, bundle)
        maxima, triangle_joins, link_edges = _degree_2(grid, workspace, critical, bundle)
        ends = np.flatnonzero(~triangle_joins)
        sources = np.searchsorted(critical.first_triangle, ends, side="right") - 1
        cycles = _degree_1(grid, workspace, bundle, sources, link_edges[ends], edge_joins.size)
    return _unpadded(grid, (minima, cycles, maxima))


def _unpadded(grid: Layout, degrees: tuple[Pairs, Pairs, Pairs]) -> GridPairs:
    """Return pairs of (birth, death) in the padded array as pairs of (death, birth) in the grid."""
    pairs = np.concatenate(degrees)
    grid_pairs = np.empty(pairs.shape, dtype=np.int64)
    _, height, width = grid.shape
    _unpad(pairs, grid.start, height, width, grid_pairs)
    first = len(degrees[0])
    second = first + len(degrees[1])
    return grid_pairs[:first], grid_pairs[first:second], grid_pairs[second:]


def _critical_vertices(grid: Layout, workspace: Workspace) -> Critical:
    """Find the critical vertices and sort them."""
    _mark_candidates(grid.link, workspace.padded, workspace.planes, BLOCK_WORDS)
    room = int(np.bitwise_count(workspace.candidates).sum())
    vertices, codes = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    lower, upper = np.empty(room, dtype=np.uint8), np.empty(room, dtype=np.uint8)
    candidates = workspace.candidates
    count = _collect(grid.link, workspace.padded, candidates, vertices, codes, lower, upper)
    order = ascending_order(workspace.values[vertices[:count]])
    lower, upper = lower[order], upper[order]
    return Critical(
        vertices[order], codes[order], lower, upper, _numbering(lower), _numbering(upper)
    )


def _numbering(components: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Number critical cells, one fewer at each vertex than it has components; their sum is last."""
    numbers = np.zeros(components.size + 1, dtype=np.int64)
    np.cumsum(np.maximum(components, 1) - 1, out=numbers[1:])
    return numbers


def _degree_0(
    grid: Layout, workspace: Workspace, critical: Critical, bundle: Bundle
) -> tuple[Pairs, NDArray[np.bool_]]:
    """Return the pairs of degree 0, and which critical edges merged components."""
    minima = critical.vertices[critical.lower == 0]
    joins = np.empty(critical.first_edge[-1], dtype=np.bool_)
    pairs = np.empty((minima.size, 2), dtype=np.int32)
    parent = np.arange(minima.size)
    count = _pair_minima(
        grid.link, workspace.padded, bundle, minima, parent, workspace.scratch, joins, pairs
    )
    return pairs[:count], joins


def _degree_2(
    grid: Layout, workspace: Workspace, critical: Critical, bundle: Bundle
) -> tuple[Pairs, NDArray[np.bool_], NDArray[np.int8]]:
    """Return the pairs of degree 2, which critical triangles joined holes, and their link edges."""
    outside = np.zeros(1, dtype=np.int32)
    maxima = np.concatenate([outside, critical.vertices[critical.upper == 0][::-1]])
    triangles = critical.first_triangle[-1]
    joins, link_edges = np.empty(triangles, dtype=np.bool_), np.empty(triangles, dtype=np.int8)
    pairs = np.empty((maxima.size, 2), dtype=np.int32)
    parent = np.arange(maxima.size)
    memory = (parent, workspace.scratch, joins, link_edges, pairs)
    count = _pair_maxima(grid.link, workspace.padded, bundle, maxima, *memory)
    return pairs[:count], joins, link_edges


def _degree_1(
    grid: Layout,
    workspace: Workspace,
    bundle: Bundle,
    sources: NDArray[np.int64],
    link_edges: NDArray[np.int8],
    edges: int,
) -> Pairs:
    """Return the pairs of degree 1, given the triangles that end cycles.

    ``sources`` and ``link_edges`` are the triangles' critical vertices and link edges; ``edges`` is
    the number of critical edges.
    """
    column_of = np.full(edges, -1)
    pairs = np.empty((sources.size, 2), dtype=np.int32)
    store = new_store(sources.size, STORED_PER_CYCLE * (sources.size + 100))
    done = 0
    while done < sources.size:
        memory = (workspace.scratch, column_of, Bundle(store), pairs)
        done = _pair_cycles(grid.link, workspace.padded, bundle, sources, link_edges, done, *memory)
        if done < 0:
            raise RuntimeError("a boundary vanished in degree 1: please report this field")
        if done < sources.size:
            store = enlarged(store, 2 * store.vertices.size)
    return pairs
