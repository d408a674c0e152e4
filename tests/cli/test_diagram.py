"""`toposhape diagram` on meshes, volumes and images of known topology."""

import json

import numpy as np
import pytest
import trimesh
from PIL import Image
from typer.testing import CliRunner

from toposhape.cli.app import app


def run(*words, **given):
    return CliRunner().invoke(app, ["diagram", *map(str, words)], **given)


def found(*words):
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def torus_distance(resolution=32):
    axis = np.linspace(-1, 1, resolution)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    return (np.hypot(np.hypot(x, z) - 0.6, y) - 0.2).astype(np.float32)


@pytest.fixture
def torus(tmp_path):
    """A torus about the z axis, in units and at a place of its own."""
    mesh = trimesh.creation.torus(30, 10)
    mesh.apply_translation([100, 0, 50])
    mesh.export(tmp_path / "torus.ply")
    return tmp_path / "torus.ply"


def test_a_mesh_has_the_betti_numbers_of_its_solid(torus):
    (one,) = found(torus, "--grid", 32)
    assert one["betti"] == [1, 1, 0] == one["mesh_betti"]
    assert one["points"][0]["death"] is None
    handle = next(point for point in one["points"] if point["degree"] == 1)
    assert handle["death"] < 0 < handle["birth"]


def test_sublevel_sets_of_a_distance_are_the_solid(tmp_path):
    field = torus_distance()
    np.save(tmp_path / "torus.npy", field)
    (one,) = found(tmp_path / "torus.npy", "--filtration", "sublevel")
    assert one["betti"] == [1, 1, 0]
    for point in one["points"]:
        assert point["birth"] == field[tuple(point["birth_vertex"])]
        if point["death"] is not None:
            assert point["birth"] < point["death"] == field[tuple(point["death_vertex"])]
    (around,) = found(tmp_path / "torus.npy")
    assert around["betti"] == [1, 1, 1]  # the space around it, in a box


def test_an_image_is_a_field_of_two_axes(tmp_path):
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    ring = np.abs(np.hypot(x, y) - 0.6) < 0.2
    Image.fromarray(255 * ring.astype(np.uint8)).save(tmp_path / "ring.png")
    (bright,) = found(tmp_path / "ring.png")
    assert (bright["kind"], bright["betti"], bright["level"]) == ("image", [1, 1, 0], 127.5)
    (dark,) = found(tmp_path / "ring.png", "--filtration", "sublevel")
    assert dark["betti"][0] == 2 and dark["betti"][2] == 0  # the middle, and what is around


def test_level_and_least_persistence_are_the_users(tmp_path):
    np.save(tmp_path / "two.npy", np.array([[3.0, 0.0, 2.0, 1.9, 1.95]]).repeat(2, 0))
    path = tmp_path / "two.npy"
    assert found(path, "--level", 1)[0]["betti"] == [2, 0, 0]
    assert found(path, "--level", 4)[0]["betti"] == [0, 0, 0]
    assert len(found(path)[0]["points"]) == 3
    assert len(found(path, "--min-persistence", 0.1)[0]["points"]) == 2


def test_a_volume_comes_through_a_pipe(tmp_path):
    np.save(tmp_path / "torus.npy", torus_distance())
    content = (tmp_path / "torus.npy").read_bytes()
    done = run("-", "--filtration", "sublevel", input=content)
    assert done.exit_code == 0 and "stdin: pieces 1, handles 1" in done.stdout


def test_pictures_and_places(torus, tmp_path):
    out = tmp_path / "out"
    done = run(torus, "--grid", 32, "--picture", "--where", "-o", out)
    assert done.exit_code == 0, done.stderr
    assert Image.open(out / "torus_diagram.png").size[0] > 800
    scene = trimesh.load_scene(out / "torus_where.glb")
    names = list(scene.geometry)
    assert "level set" in names and any("handle dies at" in name for name in names)
    low, high = scene.bounds
    assert np.allclose((low + high) / 2, [100, 0, 50], atol=2)  # in the file's own units
    hole = next(m for name, m in scene.geometry.items() if "handle dies" in name)
    assert np.linalg.norm(hole.centroid[:2] - [100, 0]) < 5  # in the middle of the hole


def test_pictures_are_called_like_their_files(tmp_path):
    np.save(tmp_path / "000.npy", np.eye(5))
    content = (tmp_path / "000.npy").read_bytes()
    done = run(tmp_path / "000.npy", "-", "--picture", "-o", tmp_path, input=content)
    assert done.exit_code == 0, done.stderr
    assert {p.name for p in tmp_path.glob("*.png")} == {"000_diagram.png", "stdin_diagram.png"}


def test_where_is_for_three_axes(tmp_path):
    np.save(tmp_path / "flat.npy", np.eye(5))
    done = run(tmp_path / "flat.npy", "--where", "-o", tmp_path)
    assert done.exit_code == 1 and "--picture" in done.stderr


def test_one_bad_file_does_not_stop_the_others(torus, tmp_path):
    (tmp_path / "cut.ply").write_bytes(torus.read_bytes()[:3000])
    np.save(tmp_path / "nan.npy", np.full((3, 3), np.nan))
    done = run(tmp_path / "cut.ply", torus, tmp_path / "nan.npy", "--grid", 32, "--json")
    cut, whole, nan = json.loads(done.stdout)
    assert done.exit_code == 1
    assert "cut.ply" in cut["error"] and whole["betti"] == [1, 1, 0]
    assert "nan.npy" in nan["error"] and "finite" in nan["error"]
