"""`toposhape compare` on folders of balls and tori: scores, intervals, the page."""

import json
import re

import pytest
import trimesh
from typer.testing import CliRunner

from toposhape.cli.app import app

SMALL = ("--grid", "20", "--points", "128", "--samples", "20")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("sets")
    for side, shapes in {"a": "bbbtt", "b": "bbtttt"}.items():
        (place / side).mkdir()
        for i, kind in enumerate(shapes):
            size = 0.25 + 0.02 * i + (0.005 if side == "b" else 0)
            mesh = (
                trimesh.creation.torus(1.0, size)
                if kind == "t"
                else trimesh.creation.capsule(size, 1.0, count=[12, 12])
            )
            mesh.export(place / side / f"{kind}{i}.ply")
    (place / "b" / "cut.ply").write_bytes((place / "a" / "b0.ply").read_bytes()[:900])
    return place


@pytest.fixture(scope="module")
def told(folders):
    page = folders / "out" / "page.html"
    done = CliRunner().invoke(
        app, ["compare", str(folders / "a"), str(folders / "b"), *SMALL, "--worst", "2", "-o",
              str(page), "--json"]
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout), page.read_text(), done.stderr


def test_sides_are_of_one_size_and_say_who_was_left_out(told):
    content, _, complaints = told
    assert len(content["reference"]["shapes"]) == len(content["synthetic"]["shapes"]) == 5
    assert content["left_out"] == 1
    assert list(content["synthetic"]["rejected"]) == ["cut"] and "cut is left out" in complaints


def test_scores_are_told_with_intervals(told):
    scores = told[0]["scores"]
    assert 0 < scores["handles_mean"]["floor"] < 1
    assert scores["one_piece_share"]["value"] == 1
    assert scores["pd_lap"]["low"] < scores["pd_lap"]["value"] < scores["pd_lap"]["high"]


def test_the_page_needs_nothing_else_and_shows_pictures(told):
    content, page, _ = told
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert page.count("<figure>") == 6  # no shape of B is in pieces
    assert "PD-LAP" in page and content["synthetic"]["shapes"][0] in page


def test_a_set_against_itself_costs_nothing(folders):
    words = ["compare", str(folders / "a"), str(folders / "a"), *SMALL]
    done = CliRunner().invoke(app, words)
    line = next(line for line in done.stdout.splitlines() if line.startswith(" PD-LAP ["))
    assert line.split()[3] == "0.00"


def test_too_few_meshes_are_told(folders, tmp_path):
    (tmp_path / "one.ply").write_bytes((folders / "a" / "b0.ply").read_bytes())
    done = CliRunner().invoke(app, ["compare", str(tmp_path), str(folders / "a"), *SMALL])
    assert done.exit_code == 1 and "1 of 1 meshes can be used, and 4 are needed" in done.stderr
