"""Memory that the kernels work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_LINK_TRIANGLES = 24
MAX_SADDLES_CUBICAL = 12


class Critical(NamedTuple):
    """Critical vertices, in the order of the filtration.

    Attributes:
        vertices: padded indices.
        codes: their lower links.
        lower, upper: numbers of components of the lower link and of its complement.
        first_edge, first_triangle: numbers of their first critical edge and triangle.
    """

    vertices: NDArray[np.int32]
    codes: NDArray[np.int32]
    lower: NDArray[np.uint8]
    upper: NDArray[np.uint8]
    first_edge: NDArray[np.int64]
    first_triangle: NDArray[np.int64]


class Queue(NamedTuple):
    """A binary heap; see `queue`. ``state`` holds the size and whether the top is vacant."""

    values: NDArray[np.floating]
    vertices: NDArray[np.int32]
    state: NDArray[np.int64]


class Store(NamedTuple):
    """Kept cycles: cycle c has vertices and edges ``start[c]`` to ``start[c + 1]``."""

    vertices: NDArray[np.int32]
    edges: NDArray[np.uint16]
    start: NDArray[np.int64]
    count: NDArray[np.int64]


class Workspace(NamedTuple):
    """Scratch memory of the stages.  Kernels leave ``label`` and ``cycle`` zero as they found them.

    Attributes:
        label, cycle: zeros, one number for each padded vertex.
        trail: one number for each padded vertex.
        queue: room for every vertex; memory that is never touched is never taken.
        region: one number for each link triangle.
        saddles: a row for each critical triangle of one vertex.
    """

    label: NDArray[np.int32]
    trail: NDArray[np.int32]
    cycle: NDArray[np.uint16]
    queue: Queue
    region: NDArray[np.int64]
    saddles: NDArray[np.int64]


def new_workspace(size: int, dtype: np.dtype) -> Workspace:
    """Return a workspace for padded grids of up to ``size`` vertices."""
    return Workspace(
        label=np.zeros(size, dtype=np.int32),
        trail=np.empty(size, dtype=np.int32),
        cycle=np.zeros(size, dtype=np.uint16),
        queue=Queue(
            np.empty(size, dtype), np.empty(size, dtype=np.int32), np.zeros(2, dtype=np.int64)
        ),
        region=np.empty(MAX_LINK_TRIANGLES, dtype=np.int64),
        saddles=np.empty((MAX_SADDLES_CUBICAL, 3), dtype=np.int64),
    )


def new_store(cycles: int, edges: int) -> Store:
    """Return an empty store for a number of cycles and of (vertex, edges) entries in them."""
    return Store(
        np.empty(edges, dtype=np.int32),
        np.empty(edges, dtype=np.uint16),
        np.zeros(cycles + 1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


def enlarged(store: Store, edges: int) -> Store:
    """Return a store with the same cycles and room for more entries."""
    larger = Store(
        np.empty(edges, dtype=np.int32), np.empty(edges, dtype=np.uint16), store.start, store.count
    )
    used = store.start[store.count[0]]
    larger.vertices[:used], larger.edges[:used] = store.vertices[:used], store.edges[:used]
    return larger
