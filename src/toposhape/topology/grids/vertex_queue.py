"""A priority queue of vertices, the last of the filtration first.

It is a binary heap of 64-bit keys: the upper half of a key holds the 32 leading bits of the value,
as an integer of the same order, the lower half the vertex.  Two keys compare as integers unless
their upper halves agree; then the values themselves decide, and the vertices if these are equal.

Removal of the top is lazy: the next vertex that is pushed takes its place, which saves most of the
work, because vertices are pushed just after one was taken.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from toposhape.base.kernels.marks import inlined

from .links import Values
from .order import precedes
from .workspace import Queue

SIZE, VACANT = 0, 1
"""What ``queue.state`` holds: the size, and whether the top is vacant."""

VERTEX = 0xFFFFFFFF
"""Mask of the vertex in a key."""


@intrinsic
def _leading_bits(typingctx: Any, value: Any) -> tuple[Any, Any]:
    """Return the 32 leading bits of a floating point number, as a signed integer."""

    def codegen(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
        width = signature.args[0].bitwidth
        bits = builder.bitcast(args[0], ir.IntType(width))
        leading = builder.ashr(bits, ir.IntType(width)(width - 32))
        return builder.sext(leading, ir.IntType(64)) if width < 64 else leading

    return types.int64(value), codegen


@inlined
def _key(values: Values, vertex: int) -> int:
    """Return the key of a vertex.

    Negative numbers have their bits in reverse order.  There is no negative zero among the values.
    """
    bits = _leading_bits(values[vertex])
    return (bits ^ (bits >> 63 & 0x7FFFFFFF)) << 32 | vertex


@inlined
def _later(values: Values, one: int, other: int) -> bool:
    """Tell whether a key stands for a later vertex than another."""
    if (one ^ other) >> 32:
        return one > other
    return precedes(values, other & VERTEX, one & VERTEX)


@inlined
def push(queue: Queue, values: Values, vertex: int) -> None:
    """Put a vertex into the queue."""
    keys, key = queue.keys, _key(values, vertex)
    if queue.state[VACANT]:
        queue.state[VACANT] = 0
        _sift_down(queue, values, key)
        return
    place = queue.state[SIZE]
    queue.state[SIZE] = place + 1
    while place > 0 and _later(values, key, keys[(place - 1) >> 1]):
        keys[place] = keys[(place - 1) >> 1]
        place = (place - 1) >> 1
    keys[place] = key


@inlined
def drop_top(queue: Queue, values: Values) -> bool:
    """Remove the top, should it be vacant, and return whether the queue holds any vertex."""
    if queue.state[VACANT]:
        queue.state[VACANT] = 0
        last = queue.state[SIZE] - 1
        queue.state[SIZE] = last
        if last > 0:
            _sift_down(queue, values, queue.keys[last])
    return queue.state[SIZE] > 0


@inlined
def take_top(queue: Queue) -> int:
    """Return the last vertex of a queue that is not empty; its place is vacant from now on."""
    queue.state[VACANT] = 1
    return queue.keys[0] & VERTEX


@inlined
def _sift_down(queue: Queue, values: Values, key: int) -> None:
    """Put a key into the vacant top and restore the order."""
    keys, size = queue.keys, queue.state[SIZE]
    place, child = 0, 1
    while child < size:
        if child + 1 < size:
            child += int(_later(values, keys[child + 1], keys[child]))
        if not _later(values, keys[child], key):
            break
        keys[place] = keys[child]
        place, child = child, 2 * child + 1
    keys[place] = key
