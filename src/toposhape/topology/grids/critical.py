"""The critical vertices: where the topology of the sublevel sets may change."""

from __future__ import annotations

import numpy as np

from toposhape.base.kernels.marks import kernel

from .complexes import component_numbers, lower_link
from .generic import lowest
from .links import Integers, Link, Values, Words


@kernel
def pad(field: Values, values: Values, start: int) -> int:
    """Copy minus the field into a flat array in which +inf lies around and between the rows.

    One padding vertex is shared by consecutive rows and one padding row by consecutive planes.

    Args:
        field: ``(D, H, W)``, C-contiguous.
        values: +inf, to get the field's values.
        start: index of the field's first vertex in ``values``.

    Returns:
        The number of values that are not finite.
    """
    depth, height, width = field.shape
    wild = 0
    for i in range(depth):
        for j in range(height):
            place = start + (i * (height + 1) + j) * (width + 1)
            row, line = field[i, j], values[place : place + width]
            for k in range(width):
                line[k] = 0 - row[k]
            for k in range(width):
                wild += not abs(line[k]) < np.inf
    return wild


@kernel
def unpad(pairs: Integers, start: int, height: int, width: int, grid_pairs: Integers) -> int:
    """Turn pairs of padded vertices into pairs of C-order indices in the grid, last one first.

    Args:
        pairs: ``(n, 2)`` padded vertices.
        start: index of the field's first vertex among these.
        height: rows of a plane of the grid.
        width: vertices of a row.
        grid_pairs: ``(n, 2)``, to be filled.

    Returns:
        The number of pairs.
    """
    for i in range(pairs.shape[0]):
        for j in range(2):
            row, column = divmod(np.uint32(pairs[i, 1 - j] - start), np.uint32(width + 1))
            plane, row = divmod(row, np.uint32(height + 1))
            grid_pairs[i, j] = (np.int64(plane) * height + row) * width + column
    return pairs.shape[0]


@kernel
def collect(
    link: Link,
    values: Values,
    candidates: Words,
    vertices: Integers,
    codes: Integers,
    lower: Integers,
    upper: Integers,
) -> int:
    """List the critical vertices among the candidates, by index.

    Args:
        link: the complex.
        values: padded values.
        candidates: bits of the candidates.
        vertices: to be filled with the critical vertices.
        codes: with the codes of their lower links.
        lower: with the numbers of components of these.
        upper: with the numbers of components of their complements.

    Returns:
        The number of critical vertices.
    """
    count = 0
    for word in range(candidates.size):
        bits = np.int64(candidates[word])
        while bits != 0:
            vertex = word * 64 + lowest(bits)
            bits &= bits - 1
            code = lower_link(link, values, vertex)
            below, above = component_numbers(link, values, vertex, code)
            if below != 1 or above != 1:
                vertices[count], codes[count] = vertex, code
                lower[count], upper[count] = below, above
                count += 1
    return count
