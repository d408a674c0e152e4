"""The jobs between batches and trainings: what they write, and what they say."""

import json

import numpy as np
import pandas as pd
import pytest

from toposhape.evaluation.describe import FieldTopology
from toposhape.evaluation.topology_table import read_topology, write_topology
from toposhape.jobs.shapes import gather_batches, write_split
from toposhape.shapes.manifests import COLUMNS, TooManyRejected, write_manifest
from toposhape.shapes.prepared import read_manifest
from toposhape.shapes.signature import geometry_signature
from toposhape.topology.tables import StoredDiagram, read_diagrams, write_diagrams

RNG = np.random.default_rng(0)


def batch(folder, name, shapes, rejected=()):
    """A batch's manifest, and a diagram of one point for each accepted shape."""
    accepted = [shape for shape in shapes if shape not in rejected]
    lines = [
        {
            "shape": shape,
            "batch": name,
            "status": "rejected" if shape in rejected else "ok",
            "reason": "flat" if shape in rejected else "",
            "row": None if shape in rejected else accepted.index(shape),
            "geometry_hash": geometry_signature(RNG.normal(size=(8, 8, 8))),
        }
        for shape in shapes
    ]
    (folder / name).mkdir()
    write_manifest(pd.DataFrame(lines, columns=COLUMNS), folder / name / "manifest.csv")
    points = [np.array([[0.1, float(shape[1:])]], np.float32) for shape in accepted]
    diagrams = [StoredDiagram((p, p[:0], p[:0])) for p in points]
    write_diagrams(folder / name / "diagrams.parquet", accepted, diagrams)
    described = [
        FieldTopology(d, (int(shape[1:]), 0, 0), 1, False, 8, 1.0, True, 0)
        for shape, d in zip(accepted, diagrams, strict=True)
    ]
    write_topology(folder / name / "topology.csv", accepted, described)
    return folder / name


@pytest.fixture
def gathered(tmp_path):
    batches = [
        batch(tmp_path, "b", [f"s{k}" for k in range(5, 10)], rejected=["s7"]),
        batch(tmp_path, "a", [f"s{k}" for k in range(5)]),
    ]
    names = {
        "manifest": "manifest.csv",
        "joined": "diagrams.parquet",
        "topology": "topology.csv",
    }
    files = {name: tmp_path / file for name, file in names.items()}
    inputs = [[path / file for path in batches] for file in names.values()]
    gather_batches(*inputs, **files, max_rejected=0.1)
    with pytest.raises(TooManyRejected, match="s7: flat"):
        gather_batches(*inputs, **files, max_rejected=0.05)
    return tmp_path


def test_batches_are_gathered(gathered):
    manifest = read_manifest(gathered / "manifest.csv")
    assert manifest["shape"].tolist() == [f"s{k}" for k in range(10)]
    assert manifest["row"].dropna().tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3]
    births = [d.points[0][0, 1] for d in read_diagrams(gathered / "diagrams.parquet", ["s9", "s2"])]
    assert births == [9, 2]
    topology = read_topology(gathered / "topology.csv")
    assert topology["b0"].to_dict() == {f"s{k}": k for k in range(10) if k != 7}


def test_a_split_is_written_and_told(gathered, capsys):
    shares = {"training": 0.7, "validation": 0.1, "test": 0.2}
    given = {"training": ["s1", "s2", "s3", "s4", "s7"], "validation": ["s8"], "test": ["s0"]}
    for parts in (None, given):
        write_split(
            gathered / "manifest.csv", gathered / "split.json", shares=shares, seed=0, given=parts
        )
    assert json.loads((gathered / "split.json").read_text()) == {
        "training": ["s1", "s2", "s3", "s4"],
        "validation": ["s8"],
        "test": ["s0"],
    }
    assert capsys.readouterr().err.splitlines() == [
        "training: 5 given, 4 used; 1 rejected: s7 (flat)",
        "validation: 1 given, 1 used",
        "test: 1 given, 1 used",
        "left out, since no split file names them: s5, s6, s9",
    ]
