"""Counts of accepted and rejected shapes."""

import json

import pytest

from toposhape.publication.tables.formats import to_html, to_markdown
from toposhape.publication.tables.latex import to_latex
from toposhape.publication.tables.summary import (
    count_shapes,
    rejection_reasons,
    shapes_counts_table,
    shapes_document,
)

MANIFEST = """shape,status,reason,batch,row,faces,components,watertight
a,ok,,000,0,100,1,True
b,ok,,000,1,300,2,False
c,rejected,no faces,000,,,,
d,rejected,"flat: no volume, no thickness",001,,,,
e,rejected,no faces,001,,,,
"""


@pytest.fixture
def files(tmp_path):
    manifest, split = tmp_path / "manifest.csv", tmp_path / "split.json"
    manifest.write_text(MANIFEST)
    split.write_text(json.dumps({"training": ["a"], "validation": [], "test": ["b"]}))
    return manifest, split


def test_every_requested_shape_is_counted_once(files):
    counts = count_shapes(*files)
    assert counts == {
        "requested": 5,
        "ok": 2,
        "rejected": 3,
        "training": 1,
        "validation": 0,
        "test": 1,
    }


def test_reasons_stand_in_order_of_frequency(files):
    assert list(rejection_reasons(files[0]).items()) == [
        ("no faces", 2),
        ("flat: no volume, no thickness", 1),
    ]


def test_the_document_shows_counts_geometry_and_reasons(files):
    document = shapes_document({"chair": files[0]}, {"chair": files[1]})
    counts, geometry, reasons = document.tables
    assert [entry.value for entry in counts.rows[0].entries] == ["5", "2", "3", "1", "0", "1"]
    assert [entry.value for entry in geometry.rows[0].entries] == ["200", "300", "50 %", "50 %"]
    assert reasons.rows[0].label == "chair: no faces"
    for write in (to_html, to_latex, to_markdown):
        assert "no thickness" in write(document)


def test_a_category_without_rejections_has_no_table_of_reasons(files, tmp_path):
    clean = tmp_path / "clean.csv"
    clean.write_text("\n".join(MANIFEST.splitlines()[:3]) + "\n")
    assert len(shapes_document({"chair": clean}, {"chair": files[1]}).tables) == 2


def test_a_shape_or_a_reason_may_be_called_na(tmp_path):
    manifest, split = tmp_path / "manifest.csv", tmp_path / "split.json"
    manifest.write_text(
        "shape,status,reason,batch,row,faces,components,watertight\n"
        "NA,ok,,0,0,12,1,True\nnan,rejected,NA,0,,,,\n"
    )
    split.write_text(json.dumps({"training": ["NA"], "validation": [], "test": []}))
    assert count_shapes(manifest, split)["ok"] == 1
    assert rejection_reasons(manifest) == {"NA": 1}
    geometry = shapes_document({"NA": manifest}, {"NA": split}).tables[1]
    assert [entry.value for entry in geometry.rows[0].entries] == ["12", "12", "100 %", "100 %"]


def test_the_same_for_machines(files):
    table = shapes_counts_table({"chair": files[0]}, {"chair": files[1]})
    lines = dict(zip(table["what"], table["count"], strict=True))
    assert lines["requested"] == 5
    assert lines["rejected: no faces"] == 2
