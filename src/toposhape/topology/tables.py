"""Diagrams of many shapes in one Parquet file: shape, degree, death, birth, a line for each point.

Diagrams of fields have two columns more: the grid's vertices where a point dies and is born. A
shape whose diagrams are empty has no line: which shapes there are is told by somebody else, a
manifest or a split.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from toposhape.base.files import whole

from .diagram import DEGREES
from .distances.wasserstein import HasPoints

SCHEMA = pa.schema(
    [
        ("shape", pa.string()),
        ("degree", pa.int8()),
        ("death", pa.float32()),
        ("birth", pa.float32()),
    ]
)
SET_FIELD = pa.field("set", pa.int32())
VERTICES = ["death_vertex", "birth_vertex"]
FIELD_SCHEMA = pa.schema([*SCHEMA, *((name, pa.int32()) for name in VERTICES)])
"""Of diagrams of fields."""
_KINDS = {
    "shape": (pa.types.is_string, pa.types.is_large_string),
    "degree": (pa.types.is_integer,),
    "death": (pa.types.is_floating,),
    "birth": (pa.types.is_floating,),
    "set": (pa.types.is_integer,),
    "death_vertex": (pa.types.is_integer,),
    "birth_vertex": (pa.types.is_integer,),
}
MOST_POINTS = 20_000_000
"""Of a table; the paper's setting has a tenth of that."""
MOST_BYTES = 2_000_000_000
"""Of a table, uncompressed."""


@dataclass(frozen=True, eq=False)
class StoredDiagram:
    """A diagram from a table.

    Attributes:
        points: for each degree an ``(n_k, 2)`` float32 array of ``(death, birth)``.
        vertices: for each degree an ``(n_k, 2)`` int64 array of the grid's vertices that caused
            them, as in `Diagram`; None where the table does not tell.
    """

    points: tuple[NDArray[np.float32], ...]
    vertices: tuple[NDArray[np.int64], ...] | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of points in degrees 0, 1 and 2."""
        return tuple(len(pairs) for pairs in self.points)


def write_diagrams(
    path: str | os.PathLike[str],
    shapes: Sequence[str],
    diagrams: Sequence[HasPoints],
    *,
    sets: Sequence[int] | None = None,
) -> None:
    """Write diagrams to a Parquet file, sorted by set, shape and degree, whole or not at all.

    Args:
        path: the file; its folder is made if needed.
        shapes: a name for each diagram; all different, within a set if there are ``sets``.
        diagrams: objects with ``points`` for each degree, like `Diagram`; stored as float32. If
            all have ``vertices``, these are stored, too.
        sets: for generated shapes, the number of the set that each one belongs to; adds the
            integer column ``set``.

    Raises:
        ValueError: for lists of different length, or a name that occurs twice.
    """
    _require_same_length(path, shapes, diagrams, sets)
    keys = list(zip([0] * len(shapes) if sets is None else sets, shapes, strict=True))
    _require_different(path, keys)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    blocks = [(i, k, np.asarray(diagrams[i].points[k])) for i in order for k in DEGREES]
    lengths = [len(points) for _, _, points in blocks]
    points = np.concatenate([p.astype(np.float32) for _, _, p in blocks] + [np.empty((0, 2))])
    owner = np.repeat([i for i, _, _ in blocks], lengths).astype(np.int64)
    columns = [
        pa.array([shapes[i] for i in owner.tolist()], pa.string()),
        pa.array(np.repeat([k for _, k, _ in blocks], lengths).astype(np.int8)),
        pa.array(points[:, 0].astype(np.float32)),
        pa.array(points[:, 1].astype(np.float32)),
    ]
    schema = SCHEMA
    vertices = [v for i in order if (v := getattr(diagrams[i], "vertices", None)) is not None]
    if len(vertices) == len(order):
        stacked = np.concatenate([np.empty((0, 2), np.int64), *(v for d in vertices for v in d)])
        columns += [pa.array(column.astype(np.int32)) for column in stacked.T]
        schema = FIELD_SCHEMA
    if sets is not None:
        columns.append(pa.array(np.asarray(sets, np.int32)[owner]))
        schema = schema.append(SET_FIELD)
    _write(Path(path), pa.table(columns, schema=schema))


def read_diagrams(
    path: str | os.PathLike[str], shapes: Sequence[str], *, set_number: int | None = None
) -> list[StoredDiagram]:
    """Read the diagrams of the given shapes; a shape without a line has empty diagrams.

    Args:
        path: a file of `write_diagrams`.
        shapes: the shapes wanted, in the order of the answer; the table may hold others.
        set_number: the set wanted, if the table has sets.

    Returns:
        One diagram for each name.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is no such table, holds sets and none is asked for (or the other
            way round), a vertex is missing or negative, or a point of a wanted shape is not
            finite, lies below the diagonal or has an unknown degree.
    """
    path = Path(path)
    _require_different(path, list(shapes))
    table = _read_table(path, set_number)
    names = table.column("shape").to_numpy(zero_copy_only=False).astype(str)
    degrees = table.column("degree").to_numpy()
    points = np.stack([table.column(c).to_numpy() for c in ("death", "birth")], axis=1)
    _require_sound(path, names, degrees, points, shapes)
    vertices = _vertices(path, table)
    order = np.lexsort((degrees, names))
    names, degrees, points = names[order], degrees[order], points[order]
    if vertices is not None:
        vertices = vertices[order]
    if not len(shapes):
        return []
    first, last = (np.searchsorted(names, list(shapes), side) for side in ("left", "right"))
    return [
        _split_degrees(degrees[a:b], points[a:b], None if vertices is None else vertices[a:b])
        for a, b in zip(first, last, strict=True)
    ]


def join_diagrams(paths: Sequence[str | os.PathLike[str]], joined: str | os.PathLike[str]) -> None:
    """Join tables without sets to one, sorted by shape and degree.

    Raises:
        ValueError: if one of the files is no such table, or damaged.
        OSError: if the table cannot be written.
    """
    tables = [_read_table(Path(path), None) for path in paths]
    told = tables and all(set(VERTICES) <= set(t.column_names) for t in tables)
    schema = FIELD_SCHEMA if told else SCHEMA
    shared = [t.select(schema.names).cast(schema) for t in tables]
    table = pa.concat_tables([schema.empty_table(), *shared])
    order = np.lexsort([table["degree"].to_numpy(), table["shape"].to_numpy().astype(str)])
    _write(Path(joined), table.take(order))


def _vertices(path: Path, table: pa.Table) -> NDArray[np.int64] | None:
    """The vertices (n, 2) of all points, if the table tells them."""
    if not set(VERTICES) <= set(table.column_names):
        return None
    found = np.stack([table.column(name).to_numpy() for name in VERTICES], axis=1)
    if not (found >= 0).all():  # of a missing one, which is read as not a number, neither
        raise ValueError(f"{path}: a vertex is missing or negative: make the file anew")
    return found.astype(np.int64)


def _split_degrees(
    degrees: NDArray[np.int8],
    points: NDArray[np.float32],
    vertices: NDArray[np.int64] | None,
) -> StoredDiagram:
    """Part the points of one shape, sorted by degree."""
    cuts = np.searchsorted(degrees, DEGREES[1:])
    parted = None if vertices is None else tuple(np.split(vertices, cuts))
    return StoredDiagram(tuple(np.split(points, cuts)), parted)


def _read_table(path: Path, set_number: int | None) -> pa.Table:
    """Read the columns of the file, and of one set if it has sets."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _require_table(path, file)
            table = file.read([name for name in _KINDS if name in file.schema_arrow.names])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise ValueError(
            f"{path} is not a Parquet file, or damaged ({error}): delete it, and the next run "
            "makes it again"
        ) from error
    has_sets = SET_FIELD.name in table.column_names
    if has_sets and set_number is None:
        raise ValueError(f"{path} holds several sets of diagrams; say which with set_number=")
    if set_number is not None and not has_sets:
        raise ValueError(
            f"{path} has no column {SET_FIELD.name!r}, but set {set_number} is asked for"
        )
    return table.filter(pc.equal(table[SET_FIELD.name], set_number)) if has_sets else table


def _require_table(path: Path, file: pq.ParquetFile) -> None:
    """Refuse what is no table of diagrams, by what it says of itself, before values are read."""
    schema, names = file.schema_arrow, file.schema_arrow.names
    if missing := [name for name in SCHEMA.names if name not in names]:
        raise ValueError(
            f"{path} is no table of diagrams: it has the columns {names}, "
            f"but not {missing}; write it with write_diagrams"
        )
    for name in [name for name in _KINDS if name in names]:
        kind = schema.field(name).type
        if not any(fits(kind) for fits in _KINDS[name]):
            raise ValueError(f"{path} is no table of diagrams: its column {name} is of {kind}")
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    if not 0 <= file.metadata.num_rows <= MOST_POINTS or not 0 <= size <= MOST_BYTES:
        raise ValueError(
            f"{path} claims {file.metadata.num_rows} points in {size} bytes; allowed are "
            f"{MOST_POINTS} points and {MOST_BYTES} bytes"
        )


def _require_sound(
    path: Path,
    names: NDArray[np.str_],
    degrees: NDArray[np.int8],
    points: NDArray[np.float32],
    shapes: Sequence[str],
) -> None:
    """Refuse points of wanted shapes that cannot lie in a diagram."""
    sound = np.isfinite(points).all(axis=1) & (points[:, 0] <= points[:, 1])
    sound &= np.isin(degrees, DEGREES)
    bad = np.flatnonzero(~sound & np.isin(names, list(shapes)))
    if bad.size:
        line = bad[0]
        raise ValueError(
            f"{path}: shape {str(names[line])!r} has the point (death, birth) = "
            f"{tuple(points[line].tolist())} of degree {degrees[line]}; finite numbers, "
            "death <= birth and degree 0, 1 or 2 are needed: make the file anew"
        )


def _require_same_length(
    path: str | os.PathLike[str],
    shapes: Sequence[str],
    diagrams: Sequence[HasPoints],
    sets: Sequence[int] | None,
) -> None:
    """Refuse lists that do not go together."""
    lengths = {len(shapes), len(diagrams)} | (set() if sets is None else {len(sets)})
    if len(lengths) > 1:
        raise ValueError(
            f"{path}: {len(shapes)} shapes, {len(diagrams)} diagrams"
            + ("" if sets is None else f" and {len(sets)} set numbers")
            + " do not go together"
        )


def _require_different(path: str | os.PathLike[str], keys: Sequence[object]) -> None:
    """Refuse a name that occurs twice."""
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{path}: shape {key!r} occurs twice")
        seen.add(key)


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as temporary:
        pq.write_table(table, temporary, write_page_checksum=True)
