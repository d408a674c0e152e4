"""Diagrams written and read again; what is wrong with a table is said."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toposhape.topology import (
    StoredDiagram,
    diagram_distances,
    read_diagrams,
    superlevel_diagrams,
    write_diagrams,
)


def diagrams(count, seed=0):
    fields = np.random.default_rng(seed).standard_normal((count, 5, 5, 5))
    return superlevel_diagrams(fields, threads=1)


def multiset(points):
    return sorted(map(tuple, np.asarray(points, np.float32).tolist()))


EMPTY = StoredDiagram(tuple(np.zeros((0, 2), np.float32) for _ in range(3)))


def test_round_trip_in_the_order_asked_for(tmp_path):
    path = tmp_path / "deep" / "diagrams.parquet"
    shapes = ["chair-10", "chair-2", "Ärmel", "a", "zebra"]
    written = diagrams(5)
    written[3] = EMPTY
    write_diagrams(path, shapes, written)
    order = [4, 3, 0, 2]
    found = read_diagrams(path, [shapes[i] for i in order])
    for i, diagram in zip(order, found, strict=True):
        for degree in range(3):
            assert diagram.points[degree].dtype == np.float32
            assert multiset(diagram.points[degree]) == multiset(written[i].points[degree])
    assert not any(found[1].sizes)
    assert diagram_distances(found).shape == (4, 4)


def test_columns_and_order_of_lines(tmp_path):
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["b", "a"], diagrams(2))
    table = pq.read_table(path)
    assert table.schema.names == ["shape", "degree", "death", "birth"]
    assert [str(t) for t in table.schema.types] == ["string", "int8", "float", "float"]
    keys = list(zip(table["shape"].to_pylist(), table["degree"].to_pylist(), strict=True))
    assert keys == sorted(keys)


def test_nothing_but_empty_diagrams(tmp_path):
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a", "b"], [EMPTY, EMPTY])
    assert [d.sizes for d in read_diagrams(path, ["b", "a"])] == [(0, 0, 0)] * 2
    write_diagrams(path, [], [])
    assert read_diagrams(path, []) == []


def test_sets_of_generated_shapes(tmp_path):
    path = tmp_path / "diagrams.parquet"
    written = diagrams(4)
    write_diagrams(path, ["0", "1", "0", "1"], written, sets=[0, 0, 7, 7])
    for number, first in ((0, 0), (7, 2)):
        found = read_diagrams(path, ["0", "1"], set_number=number)
        for i, diagram in enumerate(found):
            assert multiset(diagram.points[1]) == multiset(written[first + i].points[1])
    with pytest.raises(ValueError, match="diagrams.parquet holds several sets"):
        read_diagrams(path, ["0"])
    write_diagrams(path, ["0"], written[:1])
    with pytest.raises(ValueError, match="no column 'set'"):
        read_diagrams(path, ["0"], set_number=1)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a"], diagrams(1))
    before = path.read_bytes()

    def break_off(table, where, **_):
        where.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(pq, "write_table", break_off)
    with pytest.raises(OSError, match="disk full"):
        write_diagrams(path, ["a"], diagrams(1, seed=1))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["diagrams.parquet"]


def test_lists_must_go_together(tmp_path):
    path = tmp_path / "diagrams.parquet"
    with pytest.raises(ValueError, match="2 shapes, 1 diagrams do not go together"):
        write_diagrams(path, ["a", "b"], diagrams(1))
    with pytest.raises(ValueError, match="'a'.* occurs twice"):
        write_diagrams(path, ["a", "a"], diagrams(2))
    write_diagrams(path, ["a"], diagrams(1))
    with pytest.raises(ValueError, match="'a' occurs twice"):
        read_diagrams(path, ["a", "a"])


def test_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "diagrams.parquet"
    with pytest.raises(FileNotFoundError):
        read_diagrams(path, ["a"])
    path.write_text("shape,degree,death,birth\n")
    with pytest.raises(ValueError, match="diagrams.parquet is not a Parquet file"):
        read_diagrams(path, ["a"])
    pq.write_table(pa.table({"shape": ["a"], "degree": [0]}), path)
    with pytest.raises(ValueError, match="not \\['death', 'birth'\\]"):
        read_diagrams(path, ["a"])


@pytest.mark.parametrize(
    ("degree", "death", "birth"), [(0, 1.0, 0.5), (1, 0.0, np.nan), (3, 0.0, 1.0)]
)
def test_an_unsound_point_is_named(tmp_path, degree, death, birth):
    path = tmp_path / "diagrams.parquet"
    columns = {"shape": ["good", "bad"], "degree": [0, degree]}
    columns |= {"death": np.float32([0, death]), "birth": np.float32([1, birth])}
    pq.write_table(pa.table(columns), path)
    assert read_diagrams(path, ["good"])[0].sizes == (1, 0, 0)
    with pytest.raises(ValueError, match="diagrams.parquet: shape 'bad' has the point"):
        read_diagrams(path, ["good", "bad"])
