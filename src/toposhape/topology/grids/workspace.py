"""Memory that the kernels work in."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Bundle
from toposhape.base.threads import fork_safe

from .layout import WORD_BITS, Layout

KEPT_BYTES = 1 << 28
MAX_LINK_TRIANGLES, MAX_LINK_EDGES = 24, 36


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
    """A binary heap, see `vertex_queue`; ``state``: its size and whether the top is vacant."""

    keys: NDArray[np.int64]
    state: NDArray[np.int64]


class Store(NamedTuple):
    """Kept cycles: cycle c has vertices and edges ``start[c]`` to ``start[c + 1]``."""

    vertices: NDArray[np.int32]
    edges: NDArray[np.uint16]
    start: NDArray[np.int64]
    kept: NDArray[np.int64]


class Planes(NamedTuple):
    """Bits for vertices, in words of 64; see `bit_planes`.

    Attributes:
        lower: ``(forward steps, words)`` is the neighbour at the step lower?
        offsets: ``(forward steps,)`` offsets of the steps.
        shifts: ``(forward steps, 3)`` for each plane the word of vertex 0, the word in which vertex
            0's backward neighbour lies, and its bit in that word.
        inside: is the vertex no padding?
        candidates: may it be critical?
    """

    lower: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    shifts: NDArray[np.int64]
    inside: NDArray[np.uint64]
    candidates: NDArray[np.uint64]


class Scratch(NamedTuple):
    """Scratch memory of the pairing; kernels leave ``label`` and ``cycle`` zero as they were.

    Attributes:
        label, cycle: zeros, one number for each padded vertex.
        trail: one number for each padded vertex.
        queue: room for every vertex; memory that is never touched is never taken.
        holes: one number for each link triangle.
        saddles: a row for each critical triangle of one vertex.
    """

    label: NDArray[np.int32]
    trail: NDArray[np.int32]
    cycle: NDArray[np.uint16]
    queue: Queue
    holes: NDArray[np.int64]
    saddles: NDArray[np.int64]


class Workspace:
    """All memory for one field of a given layout and dtype, to be used by one thread at a time.

    Attributes:
        values: the padded field; the padding is +inf and stays so.
        padded, planes, scratch: the values, `Planes` and `Scratch`, bundled for kernels.
        candidates: the bits of the candidates in ``planes``.
        nbytes: size of all this.
    """

    def __init__(self, grid: Layout, dtype: np.dtype) -> None:
        size = grid.size
        self.values = np.full(size + grid.spare, np.inf, dtype=dtype)
        self.candidates = np.empty(size // WORD_BITS, dtype=np.uint64)
        lower = np.zeros((len(grid.offsets), grid.plane_words), dtype=np.uint64)
        planes = Planes(lower, grid.offsets, grid.shifts, grid.inside(), self.candidates)
        scratch = Scratch(
            label=np.zeros(size, dtype=np.int32),
            trail=np.empty(size, dtype=np.int32),
            cycle=np.zeros(size, dtype=np.uint16),
            queue=Queue(np.empty(size, dtype=np.int64), np.zeros(2, dtype=np.int64)),
            holes=np.empty(MAX_LINK_TRIANGLES, dtype=np.int64),
            saddles=np.empty((MAX_LINK_EDGES, 3), dtype=np.int64),
        )
        self.padded, self.planes = Bundle(self.values), Bundle(planes)
        self.scratch = Bundle(scratch)
        self.nbytes = self.values.nbytes + lower.nbytes + (4 + 4 + 2 + 8) * size


_idle: list[tuple[tuple[Any, ...], Workspace]] = []
_lock = fork_safe(threading.Lock())


@contextlib.contextmanager
def borrowed(grid: Layout, dtype: np.dtype) -> Iterator[Workspace]:
    """Lend a workspace: one that is idle or a new one.

    At most `KEPT_BYTES` of idle workspaces are kept, those that were used last.
    """
    kind = grid.shape, grid.complex, dtype
    with _lock:
        places = [i for i, (idle, _) in enumerate(_idle) if idle == kind]
        workspace = _idle.pop(places[-1])[1] if places else None
    workspace = workspace or Workspace(grid, dtype)
    yield workspace
    with _lock:
        _idle.append((kind, workspace))
        while sum(idle.nbytes for _, idle in _idle) > KEPT_BYTES:
            _idle.pop(0)


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
        np.empty(edges, dtype=np.int32), np.empty(edges, dtype=np.uint16), store.start, store.kept
    )
    used = store.start[store.kept[0]]
    larger.vertices[:used], larger.edges[:used] = store.vertices[:used], store.edges[:used]
    return larger
