"""Comparisons of neighbours as planes of bits, and the candidates of 512 vertices at a time.

Bit i of plane d tells whether vertex i + (offset d) has a lower value than vertex i.  A plane for
each forward step is enough: ``i - o`` comes before i exactly when i is not lower than ``i - o``,
so the word of a backward step is the complement of the forward plane, shifted by o bits.

The comparisons are written in LLVM's vectors because compilers find them in loops only at times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from toposhape.base.kernels.marks import kernel

from .candidates import cubical_candidates, freudenthal_candidates
from .geometry import LinkGeometry, cubical_geometry, forward_steps, freudenthal_geometry
from .links import Cubical, Freudenthal, Link, Values
from .workspace import Planes

WORD = ir.IntType(64)
LANES = 8
VECTOR = ir.VectorType(WORD, LANES)

LOGIC: dict[type, tuple[Callable[..., Any], LinkGeometry]] = {
    Freudenthal: (freudenthal_candidates, freudenthal_geometry()),
    Cubical: (cubical_candidates, cubical_geometry()),
}
"""For each complex the logic of its candidates and the link with the steps that it takes."""


class _Vector:
    """A vector of machine words under construction: operators write LLVM instructions."""

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder, self.value = builder, value

    def __and__(self, other: _Vector) -> _Vector:
        return _Vector(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: _Vector) -> _Vector:
        return _Vector(self.builder, self.builder.or_(self.value, other.value))

    def __xor__(self, other: _Vector) -> _Vector:
        return _Vector(self.builder, self.builder.xor(self.value, other.value))

    def __invert__(self) -> _Vector:
        return _Vector(self.builder, self.builder.not_(self.value))


def _load(
    builder: ir.IRBuilder, base: ir.Value, index: ir.Value, kind: ir.Type, align: int
) -> ir.Value:
    """Load a vector that need not be aligned to its own size."""
    pointer = builder.bitcast(builder.gep(base, [index]), kind.as_pointer())
    value = builder.load(pointer)
    value.align = align
    return value


@intrinsic
def _lower_word(typingctx: Any, values: Any, vertex: Any, offset: Any) -> tuple[Any, Any]:
    """Return 64 bits: is ``values[i + offset] < values[i]``, for i from ``vertex`` on."""

    def codegen(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        scalar = context.get_data_type(signature.args[0].dtype)
        kind, align = ir.VectorType(scalar, 64), signature.args[0].dtype.bitwidth // 8
        there = _load(builder, data, builder.add(args[1], args[2]), kind, align)
        here = _load(builder, data, args[1], kind, align)
        return builder.bitcast(builder.fcmp_ordered("<", there, here), WORD)

    return types.uint64(values, types.int64, types.int64), codegen


@intrinsic
def _store_candidates(
    typingctx: Any, link: Any, planes: Any, word: Any, shifts: Any, inside: Any, found: Any
) -> tuple[Any, Any]:
    """Write 8 words of candidates from ``word`` on; see `mark_candidates`."""
    logic, geometry = LOGIC[link.instance_class]

    def codegen(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
        def array(number: int) -> Any:
            return context.make_array(signature.args[number])(context, builder, args[number])

        row = builder.extract_value(array(1).shape, 1)
        planes, shifts = array(1).data, array(3).data
        words = _neighbour_words(builder, geometry, planes, row, args[2], shifts)
        inner = _Vector(builder, _load(builder, array(4).data, args[2], VECTOR, 8))
        target = builder.gep(array(5).data, [args[2]])
        result = (logic(words) & inner).value
        builder.store(result, builder.bitcast(target, VECTOR.as_pointer())).align = 8
        return context.get_dummy_value()

    return types.void(link, planes, types.int64, shifts, inside, found), codegen


def _neighbour_words(
    builder: ir.IRBuilder,
    geometry: LinkGeometry,
    planes: ir.Value,
    row: ir.Value,
    word: ir.Value,
    shifts: ir.Value,
) -> list[_Vector]:
    """Write the code that loads the words of all neighbours ``upward_steps`` of 512 vertices."""
    forward = forward_steps(geometry)
    words = {}
    for plane, step in enumerate(forward):
        ahead, behind, bits = (_constant_load(builder, shifts, 3 * plane + i) for i in range(3))
        start = builder.add(builder.mul(row, WORD(plane)), word)
        words[step] = _Vector(builder, _load(builder, planes, builder.add(start, ahead), VECTOR, 8))
        first = builder.add(start, behind)
        low = _load(builder, planes, first, VECTOR, 8)
        high = _load(builder, planes, builder.add(first, WORD(1)), VECTOR, 8)
        shifted = _funnel_shift(builder, low, high, bits)
        words[-step[0], -step[1], -step[2]] = ~_Vector(builder, shifted)
    return [words[i, j, k] for i, j, k in geometry.upward_steps.tolist()]


def _constant_load(builder: ir.IRBuilder, base: ir.Value, index: int) -> ir.Value:
    """Write the code that loads one integer."""
    return builder.load(builder.gep(base, [WORD(index)]))


def _funnel_shift(builder: ir.IRBuilder, low: ir.Value, high: ir.Value, bits: ir.Value) -> ir.Value:
    """Shift pairs of words to the right by 0 to 63 bits and keep their low halves.

    The high word moves left by one and then by ``63 - bits``: a shift by 64 is undefined.
    """
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    undefined = ir.Constant(VECTOR, ir.Undefined)

    def everywhere(value: ir.Value) -> ir.Value:
        single = builder.insert_element(undefined, value, ir.IntType(32)(0))
        return builder.shuffle_vector(single, undefined, lanes)

    doubled = builder.shl(high, everywhere(WORD(1)))
    rest = builder.shl(doubled, everywhere(builder.sub(WORD(63), bits)))
    return builder.or_(builder.lshr(low, everywhere(bits)), rest)


@kernel
def mark_candidates(link: Link, values: Values, planes: Planes, block: int) -> int:
    """Mark the vertices that may be critical.

    Args:
        link: the complex, `links.Freudenthal` or `links.Cubical`.
        values: padded values, 64 to spare at the end.
        planes: `workspace.Planes`; ``lower`` and ``candidates`` are written.
        block: words that are treated together, so that their planes stay in the cache.

    Returns:
        The number of words.
    """
    lower, shifts, words = planes.lower, planes.shifts, planes.candidates.size
    for start in range(0, words, block):
        stop = min(start + block, words)
        for plane in range(planes.offsets.size):
            first, offset = shifts[plane, 0], planes.offsets[plane]
            for word in range(start, stop):
                lower[plane, first + word] = _lower_word(values, word * 64, offset)
        for word in range(start, stop, LANES):
            _store_candidates(link, lower, word, shifts, planes.inside, planes.candidates)
    return words
