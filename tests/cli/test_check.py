"""`toposhape check` on a folder of solids of known pieces, handles and thickness."""

import json

import numpy as np
import pytest
import trimesh
from typer.testing import CliRunner

from toposhape.cli.app import app
from toposhape.jobs.checking import GRIDS, mesh_names, requested_meshes, thin_share
from toposhape.shapes.signed_distance import make_solid


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("meshes")
    ball = trimesh.creation.icosphere(3)
    ball.export(place / "a_ball.ply")
    (place / "below").mkdir()
    moved = ball.copy()
    moved.apply_scale(7)
    moved.apply_translation([3, 0, 0])
    moved.export(place / "below" / "copy.obj")
    trimesh.creation.torus(1.0, 0.4).export(place / "torus.stl")
    two = trimesh.util.concatenate([ball, ball.copy().apply_translation([4, 0, 0])])
    two.export(place / "two.glb")
    trimesh.creation.box([2, 0.02, 2]).export(place / "plate.ply")
    open_ball = trimesh.Trimesh(ball.vertices, ball.faces[:-40], process=False)
    open_ball.export(place / "open.ply")
    (place / "cut.ply").write_bytes((place / "a_ball.ply").read_bytes()[:3000])
    (place / "notes.txt").write_text("no mesh")
    return place


@pytest.fixture(scope="module")
def told(folder):
    done = CliRunner().invoke(app, ["check", str(folder), "--grid", "32", "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_every_mesh_is_a_line_and_nothing_else(told):
    names = [each["shape"] for each in told["meshes"]]
    assert names == sorted(names) and len(names) == 7
    assert told["summary"]["rejected"] == 1 and told["summary"]["meshes"] == 7


def test_pieces_and_handles_by_triangles_and_on_the_grid(told):
    found = {each["shape"]: each for each in told["meshes"]}
    assert found["torus"]["betti"] == found["torus"]["mesh_betti"] == [1, 1, 0]
    assert found["two"]["betti"] == found["two"]["mesh_betti"] == [2, 0, 0]
    assert found["two"]["remarks"] == ["2 pieces"]
    assert found["open"]["remarks"][0] == "not watertight"
    assert found["open"]["mesh_betti"] is None


def test_copies_are_found_whatever_their_place_and_size(told):
    found = {each["shape"]: each["copy_of"] for each in told["meshes"]}
    assert found["below/copy"] == "a_ball" and found["a_ball"] == ""
    assert told["summary"]["copies"] == 1


def test_what_cannot_be_used_says_why(told):
    found = {each["shape"]: each["rejected"] for each in told["meshes"]}
    assert "not readable" in found["cut"]


def test_what_is_thinner_than_the_grid_is_thickened_as_in_the_pipeline(told):
    (plate,) = [each for each in told["meshes"] if each["shape"] == "plate"]
    assert plate["betti"] == plate["mesh_betti"] == [1, 0, 0]
    assert plate["thin_share"] > 0.9
    assert plate["remarks"] == ["98% thinner than the grid, thickened (try 192)"]


def test_the_table_can_list_remarks_only(folder):
    done = CliRunner().invoke(app, ["check", str(folder), "--grid", "16", "--remarked"])
    assert "copy of a_ball" in done.stdout and "torus" not in done.stdout
    assert "meshes 7" in done.stdout


def test_a_folder_without_meshes_is_told(tmp_path):
    done = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert done.exit_code == 1 and "no mesh" in done.stderr


def test_meshes_are_called_as_their_files(tmp_path):
    for name in ("003.glb", "a/b.ply", "a/b.obj", "v1.2.ply", "St\xdchle.stl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = mesh_names(tmp_path, requested_meshes(tmp_path))
    assert sorted(names.values()) == ["003", "St\xdchle", "a/b.obj", "a/b.ply", "v1.2"]
    assert names["_003"] == "003"


@pytest.mark.parametrize("thickness", [0.02, 0.1, 0.3])
def test_the_thin_share_of_a_plate_is_known(thickness):
    plate = trimesh.creation.box([1, thickness, 1])
    solid = make_solid(np.array(plate.vertices), np.array(plate.faces), sheet_thickness=0)
    top_and_bottom = 2 / (2 + 4 * thickness)  # share of the area
    for depth in (2 / (grid - 1) for grid in GRIDS):
        expected = top_and_bottom if depth > thickness else 0
        assert thin_share(solid, depth) == pytest.approx(expected, abs=0.03)
