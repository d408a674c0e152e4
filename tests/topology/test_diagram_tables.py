"""Diagrams written and read again; what is wrong with a table is said."""

from dataclasses import FrozenInstanceError

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toposhape.topology import (
    Diagram,
    StoredDiagram,
    diagram_distances,
    read_diagrams,
    superlevel_diagrams,
    tables,
    write_diagrams,
)
from toposhape.topology.tables import join_diagrams


def diagrams(count, seed=0):
    fields = np.random.default_rng(seed).standard_normal((count, 5, 5, 5))
    return superlevel_diagrams(fields, threads=1)


def multiset(points):
    return sorted(map(tuple, np.asarray(points, np.float32).tolist()))


def lines(diagram, degree):
    points = np.asarray(diagram.points[degree], np.float32)
    return sorted(map(tuple, np.hstack([points, diagram.vertices[degree]]).tolist()))


EMPTY = StoredDiagram(tuple(np.zeros((0, 2), np.float32) for _ in range(3)))


def test_round_trip_in_the_order_asked_for(tmp_path):
    path = tmp_path / "deep" / "deeper" / "diagrams.parquet"
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
    vertices = ["death_vertex", "birth_vertex"]
    assert table.schema.names == ["shape", "degree", "death", "birth", *vertices]
    types = ["string", "int8", "float", "float", "int32", "int32"]
    assert [str(t) for t in table.schema.types] == types
    keys = list(zip(table["shape"].to_pylist(), table["degree"].to_pylist(), strict=True))
    assert keys == sorted(keys)


def test_vertices_come_back_where_all_diagrams_have_them(tmp_path):
    path, joined = tmp_path / "diagrams.parquet", tmp_path / "joined.parquet"
    written = diagrams(3)
    write_diagrams(path, ["a", "b", "c"], written)
    write_diagrams(tmp_path / "more.parquet", ["d"], diagrams(1, seed=1))
    join_diagrams([path, tmp_path / "more.parquet"], joined)
    for file in (path, joined):
        found = read_diagrams(file, ["c", "a"])
        for diagram, true in zip(found, (written[2], written[0]), strict=True):
            for k in range(3):
                assert diagram.vertices[k].dtype == np.int64
                assert lines(diagram, k) == lines(true, k)
    write_diagrams(tmp_path / "more.parquet", ["d"], [EMPTY])
    join_diagrams([path, tmp_path / "more.parquet"], joined)
    assert [d.vertices for d in read_diagrams(joined, ["d", "a"])] == [None, None]


@pytest.mark.parametrize("wrong", [None, -1])
def test_a_vertex_that_is_none_is_refused(tmp_path, wrong):
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a"], diagrams(1))
    table = pq.read_table(path)
    vertices = [wrong, *table["death_vertex"].to_pylist()[1:]]
    column = pa.array(vertices, pa.int32())
    pq.write_table(table.set_column(4, "death_vertex", column), path)
    with pytest.raises(ValueError, match="diagrams.parquet: a vertex is missing or negative"):
        read_diagrams(path, ["a"])


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


def test_joined_tables_are_one_sorted_table(tmp_path):
    """What batches wrote, in any order, is what one table of all would be."""
    written = diagrams(5)
    shapes = ["e", "b", "d", "a", "c"]
    write_diagrams(tmp_path / "all.parquet", shapes, written)
    for name, part in (("one", [0, 4]), ("two", [1, 2, 3]), ("none", [])):
        write_diagrams(tmp_path / name, [shapes[i] for i in part], [written[i] for i in part])
    joined = tmp_path / "joined.parquet"
    join_diagrams([tmp_path / name for name in ("one", "none", "two")], str(joined))
    assert pq.read_table(joined).equals(pq.read_table(tmp_path / "all.parquet"))
    join_diagrams([], joined)
    assert pq.read_table(joined).num_rows == 0
    assert read_diagrams(joined, ["a"])[0].sizes == (0, 0, 0)
    (tmp_path / "one").write_text("damaged")
    with pytest.raises(ValueError, match="one is not a Parquet file"):
        join_diagrams([tmp_path / "two", tmp_path / "one"], joined)


def test_a_table_may_claim_so_much_and_no_more(tmp_path, monkeypatch):
    """What a file says of itself is believed before its values are read."""
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a", "b"], diagrams(2))
    metadata = pq.read_metadata(path)
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    for limit, most in (("MOST_POINTS", metadata.num_rows), ("MOST_BYTES", size)):
        monkeypatch.setattr(tables, limit, most)
        assert len(read_diagrams(path, ["a", "b"])) == 2
        monkeypatch.setattr(tables, limit, most - 1)
        with pytest.raises(ValueError, match=f"claims {metadata.num_rows} points in {size} bytes"):
            read_diagrams(path, ["a"])
        monkeypatch.undo()


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
    with pytest.raises(ValueError, match="1 shapes, 1 diagrams and 2 set numbers do not go"):
        write_diagrams(path, ["a"], diagrams(1), sets=[0, 1])
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


def test_a_flipped_bit_among_the_points_is_noticed(tmp_path):
    """Pages have checksums; of the footer only SHA256SUMS knows."""
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a"], diagrams(1))
    whole = path.read_bytes()
    expected = [points.tobytes() for points in read_diagrams(path, ["a"])[0].points]
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    noticed = 0
    for place in range(0, len(whole) - footer, 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            points = read_diagrams(path, ["a"])[0].points
        except ValueError:
            noticed += 1
        else:
            assert [p.tobytes() for p in points] == expected
    assert noticed > 100


@pytest.mark.parametrize(
    ("column", "values"),
    [("shape", [1]), ("degree", [0.5]), ("death", ["0"]), ("birth", [1]), ("set", ["0"])],
)
def test_a_column_of_another_type_is_refused(tmp_path, column, values):
    path = tmp_path / "diagrams.parquet"
    columns = {"shape": ["a"], "degree": [0], "death": [0.0], "birth": [1.0], "set": [0]}
    pq.write_table(pa.table(columns), path)
    assert read_diagrams(path, ["a"], set_number=0)[0].sizes == (1, 0, 0)
    pq.write_table(pa.table(columns | {column: values}), path)
    with pytest.raises(ValueError, match=f"no table of diagrams: its column {column} is of"):
        read_diagrams(path, ["a"], set_number=0)


def test_a_point_on_the_diagonal_is_sound(tmp_path):
    path = tmp_path / "diagrams.parquet"
    pq.write_table(pa.table({"shape": ["a"], "degree": [2], "death": [1.0], "birth": [1.0]}), path)
    np.testing.assert_array_equal(read_diagrams(path, ["a"])[0].points[2], [[1.0, 1.0]])


@pytest.mark.parametrize("kind", [Diagram, StoredDiagram])
def test_diagrams_are_themselves_and_stay_what_they_are(kind):
    """They are compared as objects, may be keys, and nobody puts other points into one."""
    empty = tuple(np.zeros((0, 2)) for _ in range(3))
    content = (empty, empty) if kind is Diagram else (empty,)
    one, other = kind(*content), kind(*content)
    assert one != other
    assert len({one, other, one}) == 2
    with pytest.raises(FrozenInstanceError):
        one.points = empty


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
