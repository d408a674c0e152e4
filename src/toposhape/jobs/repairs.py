"""repairs.csv: what repair has done to synthetic shapes, a line for each change."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.topology.repair import Change, repair

COLUMNS = ("draw", "shape", "kind", "x", "y", "z", "size", "largest_change")


class Repairs:
    """Repairs one field after the other and remembers what was done."""

    def __init__(self, mirrored: bool) -> None:
        """Of a generator whose fields are mirrored, or not."""
        self._mirrored = mirrored
        self._found: list[tuple[list[Change], float]] = []

    def repair(self, field: NDArray[np.float32]) -> NDArray[np.float32]:
        """A field (R, R, R) with its loose pieces joined or taken away."""
        done = repair(field, mirrored=self._mirrored)
        self._found.append((done.changes, done.largest_change))
        return done.field

    def write(self, path: Path, shapes: Sequence[str], draws: Sequence[int]) -> None:
        """Write the table; a shape without changes has no line.

        Args:
            path: the CSV file (docs/formats.md).
            shapes: ids, in the order of the repairs.
            draws: the sets that they belong to.
        """
        found = self._found or [([], 0.0)] * len(shapes)  # nothing was to be repaired
        lines = [
            (draw, shape, change.kind, *change.place, change.size, largest)
            for draw, shape, (changes, largest) in zip(draws, shapes, found, strict=True)
            for change in changes
        ]
        with whole(path) as file:
            pd.DataFrame(lines, columns=list(COLUMNS)).to_csv(
                file, index=False, float_format="%.5g"
            )
