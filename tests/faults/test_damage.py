"""Arrays, manifests, split files and tables that were cut, that lost a bit, or that mean harm."""

import pickle
import random
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harm import Malice, flip

from toposhape.base.checksums import LIST, DamagedFileError, write_checksums
from toposhape.shapes.prepared import PreparedShapes, open_rows, read_manifest
from toposhape.shapes.split_files import read_split_files
from toposhape.topology import StoredDiagram, read_diagrams, write_diagrams
from toposhape.topology.tables import MOST_POINTS, join_diagrams

# Prepared arrays


@pytest.fixture
def batch(tmp_path) -> Path:
    folder = tmp_path / "000"
    folder.mkdir()
    np.save(folder / "samples.npy", np.arange(240, dtype=np.float32).reshape(3, 2, 10, 4))
    lines = ["shape,status,reason,batch,row", "a,ok,,000,0", "x,rejected,flat,000,"]
    (folder / "manifest.csv").write_text("\n".join([*lines, "b,ok,,000,1", "c,ok,,000,2"]) + "\n")
    write_checksums([folder / "samples.npy", folder / "manifest.csv"])
    return folder


def test_sound_arrays_are_read_with_checksums_and_without(batch):
    for _ in range(2):
        shapes = PreparedShapes(batch / "manifest.csv", [batch / "samples.npy"])
        assert shapes["b"][0, 0, 0] == 80
        (batch / LIST).unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["samples.npy", "manifest.csv"])
def test_every_flipped_bit_is_found_and_named(batch, name):
    whole, moments = (batch / name).read_bytes(), random.Random(name)
    for _ in range(60):
        flip(batch / name, moments.randrange(len(whole)), moments.randrange(8))
        with pytest.raises(DamagedFileError, match=rf"{name} is damaged .* the next run makes"):
            PreparedShapes(batch / "manifest.csv", [batch / "samples.npy"])
        (batch / name).write_bytes(whole)


def test_a_bit_of_the_arrays_is_not_missed_without_the_list_but_known_to_be_unchecked(batch):
    """Honest: batches of older versions have no list, and nothing is compared then."""
    (batch / LIST).unlink()
    flip(batch / "samples.npy", -1)
    PreparedShapes(batch / "manifest.csv", [batch / "samples.npy"])


@pytest.mark.parametrize("left", [0, 5, 60, 128, 500, -1])
def test_a_truncated_array_is_named_without_a_list_too(batch, left):
    (batch / LIST).unlink()
    path = batch / "samples.npy"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DamagedFileError, match=r"samples\.npy is damaged"):
        open_rows(path)


def npy(header: str) -> bytes:
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


HOSTILE_ARRAYS = {
    "pickle": pickle.dumps(Malice()),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}")
    + pickle.dumps(Malice()),
    "absurd": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}"),
    "negative": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}"),
    "empty": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 10**30)}"),
    "many": npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': (0, {2**39}, {2**39})}}"),
    "code": npy("__import__('os').system('touch executed')"),
    "nested": npy("(" * 9000),
    "doubles": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}") + bytes(8),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE_ARRAYS)
def test_a_hostile_array_is_refused(tmp_path, monkeypatch, bounded, kind):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(HOSTILE_ARRAYS[kind])
    with pytest.raises(DamagedFileError, match=r"a\.npy is damaged"):
        open_rows(tmp_path / "a.npy")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c,ok,,000,2", "c,ok,,000,-1"),
        ("c,ok,,000,2", "c,ok,,000,1"),
        ("c,ok,,000,2", "c,ok,,000,999999999"),
        ("c,ok,,000,2", "c,ok,,000,two"),
        ("c,ok,,000,2", "c,ok,,../../etc,2"),
        ("c,ok,,000,2", "b,ok,,000,2"),
        ("shape,status", "shape,state"),
        ("shape,status", "\0\0"),
    ],
)
def test_a_manifest_that_leads_elsewhere_is_refused(batch, old, new):
    (batch / LIST).unlink()
    path = batch / "manifest.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ValueError, match=r"manifest\.csv"):
        PreparedShapes(path, [batch / "samples.npy"])


def test_an_empty_manifest_is_named(tmp_path):
    (tmp_path / "manifest.csv").write_bytes(b"")
    with pytest.raises(DamagedFileError, match=r"manifest\.csv is damaged"):
        read_manifest(tmp_path / "manifest.csv")


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"\xff\xfe", b'{"training": [["a"]]}', b'{"a": 1}', b"9" * 10_000]
)
def test_a_hostile_split_file_is_one_clear_error(tmp_path, content):
    (tmp_path / "train.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"split file .*train\.json"):
        read_split_files([tmp_path / "train.json"])


# Tables of diagrams


def diagram(seed: int) -> StoredDiagram:
    points = np.sort(np.random.default_rng(seed).random((3, 9, 2), np.float32), axis=-1)
    return StoredDiagram(tuple(points))


def written(path: Path) -> Path:
    write_diagrams(path, [f"shape-{i}" for i in range(9)], [diagram(i) for i in range(9)])
    return path


def values(path: Path) -> list[bytes]:
    names = [f"shape-{i}" for i in range(9)]
    return [points.tobytes() for each in read_diagrams(path, names) for points in each.points]


def test_flipped_bits_of_a_table_are_found_or_harmless(tmp_path):
    """Values have checksums; of the footer some bytes, as the writer's name, mean nothing."""
    path = written(tmp_path / "diagrams.parquet")
    whole, expected, moments = path.read_bytes(), values(path), random.Random(0)
    found = 0
    for _ in range(400):
        flip(path, moments.randrange(len(whole)), moments.randrange(8))
        try:
            assert values(path) == expected
        except ValueError as error:
            assert "diagrams.parquet" in str(error)  # noqa: PT017
            found += 1
        path.write_bytes(whole)
    assert found > 100


def test_a_truncated_table_is_named(tmp_path):
    path = written(tmp_path / "diagrams.parquet")
    whole = path.read_bytes()
    for left in (0, 3, 8, 500, len(whole) - 1):
        path.write_bytes(whole[:left])
        with pytest.raises(ValueError, match=r"diagrams\.parquet is not a Parquet file, or dam"):
            join_diagrams([path], tmp_path / "joined.parquet")
    assert not (tmp_path / "joined.parquet").exists()


def test_a_small_file_of_very_many_points_is_refused(tmp_path, bounded):
    path, step = tmp_path / "diagrams.parquet", 1 << 20
    part = pa.table({
        "shape": pa.array(["a"] * step),
        "degree": pa.array(np.zeros(step, np.int8)),
        "death": pa.array(np.zeros(step, np.float32)),
        "birth": pa.array(np.zeros(step, np.float32)),
    })  # fmt: skip
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(MOST_POINTS // step + 1):
            writer.write_table(part)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ValueError, match=r"diagrams\.parquet claims \d+ points"):
        read_diagrams(path, ["a"])


def test_pickles_in_the_metadata_of_a_table_are_not_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "diagrams.parquet"
    evil = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Malice()),
    }
    fields = [pa.field("shape", pa.string(), metadata=evil), pa.field("degree", pa.int8())]
    fields += [pa.field(name, pa.float32(), metadata=evil) for name in ("death", "birth")]
    columns = [["a"], [0], [0.25], [0.5]]
    schema = pa.schema(fields, metadata={b"pandas": pickle.dumps(Malice())})
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    assert read_diagrams(path, ["a"])[0].points[0].tolist() == [[0.25, 0.5]]
    assert not (tmp_path / "executed").exists()
