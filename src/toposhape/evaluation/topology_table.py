"""topology.csv: what is known of each shape's field beside its diagram, a line for each shape.

The same columns for prepared shapes, synthetic ones (with the column draw) and interpolations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toposhape.base.files import whole
from toposhape.base.tables import read_table

if TYPE_CHECKING:  # fields are described elsewhere, with scipy; scores and figures read tables
    from .describe import FieldTopology

BETTI = ["b0", "b1", "b2"]
FIRST_COLUMNS = [*BETTI, "b0_dilated", "empty", "resolution", "largest_share", "stands"]
LATER_COLUMNS = ["dangling"]
"""Unknown, nan, in files of earlier versions."""
COLUMNS = [*FIRST_COLUMNS, *LATER_COLUMNS]


def topology_table(shapes: Sequence[str], described: Iterable[FieldTopology]) -> pd.DataFrame:
    """What fields are like, a line for each, ids as index."""
    lines = [_line(each) for each in described]
    return pd.DataFrame(lines, pd.Index(list(shapes), name="shape"), COLUMNS)


def write_topology(
    path: str | Path,
    shapes: Sequence[str],
    described: Iterable[FieldTopology],
    draws: Sequence[int] | None = None,
) -> None:
    """Write what fields are like.

    Args:
        path: the CSV file.
        shapes: ids, spelled as in the diagrams' table.
        described: of each.
        draws: for synthetic shapes, the set that each belongs to.
    """
    table = topology_table(shapes, described).reset_index()
    if draws is not None:
        table.insert(0, "draw", list(draws))
    _write(table, path)


def synthetic_ids(draws: int, shapes: int) -> tuple[list[str], list[int]]:
    """Ids and draws of synthetic shapes, set after set: 000, 001, ... in each."""
    return (
        [f"{index:03d}" for _ in range(draws) for index in range(shapes)],
        [draw for draw in range(draws) for _ in range(shapes)],
    )


def read_topology(path: str | Path, shapes: Sequence[str] | None = None) -> pd.DataFrame:
    """The table with ids as index (of synthetic shapes: draw and id), or the lines of some shapes.

    Raises:
        FileNotFoundError: if there is no such file.
        DamagedFileError: if it is no such table.
        KeyError: if a shape has no line.
    """
    table = _read(path)
    table = table.set_index(["draw", "shape"] if "draw" in table else "shape")
    return table if shapes is None else table.loc[list(shapes)]


def join_topology(paths: Sequence[str | Path], joined: str | Path) -> None:
    """Join the batches' tables to one, sorted by shape."""
    table = pd.concat([_read(path) for path in paths])
    _write(table.sort_values("shape", kind="stable"), joined)


def _read(path: str | Path) -> pd.DataFrame:
    table = read_table(path, needed=("shape", *FIRST_COLUMNS))
    for column in LATER_COLUMNS:
        if column not in table:
            table[column] = np.nan
    return table


def _line(described: FieldTopology) -> tuple[int | bool | float, ...]:
    return (
        *described.betti,
        described.dilated_pieces,
        described.empty,
        described.resolution,
        round(described.largest_share, 6),
        described.stands,
        described.dangling,
    )


def _write(table: pd.DataFrame, path: str | Path) -> None:
    with whole(path) as file:
        table.to_csv(file, index=False)
