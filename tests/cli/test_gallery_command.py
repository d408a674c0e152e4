"""`toposhape gallery`: groups, distances only where there is something to be near to."""

import json
import re

import pytest
import trimesh
from typer.testing import CliRunner

from toposhape.cli.app import app
from toposhape.jobs.folder_gallery import gallery_groups


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    for group, count in (("one", 2), ("two", 1)):
        (place / group).mkdir()
        for i in range(count):
            trimesh.creation.torus(1.0, 0.3 + 0.1 * i).export(place / group / f"{i}.ply")
    (place / "two" / "cut.ply").write_bytes((place / "one" / "0.ply").read_bytes()[:900])
    return place


def gallery(*words):
    done = CliRunner().invoke(app, ["gallery", *map(str, words), "--grid", "20", "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def content_of(page):
    found = re.search(r'<script type="application/json" id="content">(.*?)</script>', page, re.S)
    return json.loads(found[1].replace("\\u003c", "<"))


def test_folders_in_a_folder_are_groups(folder, tmp_path):
    told = gallery(folder, "-o", tmp_path / "g.html", "--title", "rings")
    assert told["shapes"] == {"one": 2, "two": 1} and list(told["rejected"]["two"]) == ["cut"]
    content = content_of((tmp_path / "g.html").read_text())
    assert [shape["method"] for shape in content["shapes"]] == ["one", "one", "two"]
    assert all(shape["betti"] == [1, 1, 0] for shape in content["shapes"])
    assert content["tests"] == {} and "distance" not in content["shapes"][0]


def test_nobody_claims_that_a_network_made_the_meshes_of_a_folder(folder, tmp_path):
    gallery(folder / "one", "-o", tmp_path / "g.html")
    page = (tmp_path / "g.html").read_text()
    assert "meshes of a folder" in page
    assert not re.search("network made|order of drawing|no network has learnt", page)


def test_distances_are_told_against_a_folder(folder, tmp_path):
    page = tmp_path / "sub" / "g.html"
    gallery(folder / "one", "--against", folder / "two", "-o", page, "--most", 1)
    (shape,) = content_of(page.read_text())["shapes"]
    assert (shape["name"], shape["nearest"], shape["distance"]) == ("0", "0", 0)  # the same torus


def test_meshes_right_in_a_folder_are_one_group(folder, tmp_path):
    assert list(gallery_groups(folder / "one")) == ["one"]
    with pytest.raises(ValueError, match="no mesh"):
        gallery_groups(tmp_path)


def test_a_folder_of_broken_files_is_told(folder, tmp_path):
    (tmp_path / "cut.ply").write_bytes((folder / "two" / "cut.ply").read_bytes())
    done = CliRunner().invoke(app, ["gallery", str(tmp_path)])
    assert done.exit_code == 1 and "0 of 1 meshes can be used" in done.stderr
