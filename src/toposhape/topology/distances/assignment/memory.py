"""What is handed to the kernels of the assignment: points, and memory to work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ALONE = -1
"""In place of a partner: the point goes to the diagonal."""

FLOATS_PER_ROW, FLOATS_PER_COLUMN = 1, 4
INTEGERS_PER_ROW, INTEGERS_PER_COLUMN = 4, 3
"""Numbers that `state.workspace` gives to each row and column, besides the savings of the pairs."""


Frame = NDArray[np.float64]
"""``(2, n)`` height and position of points in the frame of the diagonal, sorted by position."""


class Packed(NamedTuple):
    """Many diagrams end to end; diagram i has the points from ``start[i]`` to ``start[i + 1]``.

    Attributes:
        points: ``(2, n)``, a `Frame` for each diagram.
        start: ``(diagrams + 1,)``.
    """

    points: NDArray[np.float64]
    start: NDArray[np.int64]

    def sizes(self) -> NDArray[np.int64]:
        """Count the points of each diagram."""
        return np.diff(self.start)


class Memory(NamedTuple):
    """Memory for matchings of a limited size; `state.Workspace` says what lies in it."""

    floats: NDArray[np.float64]
    integers: NDArray[np.int64]


def new_memory(rows: int, columns: int) -> Memory:
    """Return memory for matchings of up to ``rows`` with up to ``columns`` points."""
    return Memory(
        np.empty(rows * columns + FLOATS_PER_ROW * rows + FLOATS_PER_COLUMN * columns),
        np.empty(INTEGERS_PER_ROW * rows + INTEGERS_PER_COLUMN * columns, np.int64),
    )
