"""`toposhape sample`, `fit` and `interpolate` with a stored generator, and what they refuse."""

import json

import numpy as np
import pandas as pd
import pytest
import trimesh
import yaml
from PIL import Image
from typer.testing import CliRunner

from toposhape.cli.app import app
from toposhape.evaluation.topology_table import read_topology
from toposhape.jobs import sampling
from toposhape.jobs.generator_files import find_generator
from toposhape.jobs.synthesis import draw_codes
from toposhape.topology.tables import read_diagrams


def call(*words):
    return CliRunner().invoke(app, list(map(str, words)))


@pytest.mark.parametrize(
    "way", ["{}:chair/Balls", "{}:chair/Balls/seed3", "{}/trained/chair/Balls/seed3"]
)
def test_a_generator_is_found_by_file_folder_and_run(run, way):
    weights = run / "trained/chair/Balls/seed3/generator.safetensors"
    assert (
        find_generator(way.format(run)).weights == weights == find_generator(str(weights)).weights
    )


@pytest.mark.parametrize("training", ["chair/Rings", "chair", "", "../chair", "sofa/Balls"])
def test_what_is_no_training_is_told_with_what_there_is(run, training):
    with pytest.raises(FileNotFoundError, match="there is chair/Balls"):
        find_generator(f"{run}:{training}")


@pytest.fixture
def with_rows(run):
    """The run with its configuration: a row that draws otherwise, and one of nobody's shapes."""
    near = {"trained_as": "Balls", "prior": "kernel_density", "bandwidth": 0.2, "repair": True}
    rows = {
        "Balls": {"variant": "DeepSDF"},
        "Near": near,
        "Chosen": {"trained_as": "Balls", "stands": True},
        "Lost": {"trained_as": "Rings"},
    }
    path = run / "config.yaml"
    path.write_text(yaml.safe_dump({"name": "small", "methods": rows}))
    yield run
    path.unlink()


ANYTHING = {"one_piece": False, "stands": False, "nothing_dangles": False, "handles": None}


def drawn(*words, out):
    done = call("sample", *words, "-n", 2, "--grid", 16, "--no-sheet", "--json", "-o", out)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["drawing"], np.load(out / "codes.npy")


def test_a_row_draws_from_the_generator_of_another_as_the_run_says(with_rows, tmp_path):
    near = f"{with_rows}:chair/Near"
    assert find_generator(near).weights == find_generator(f"{near}/seed3").weights
    how, codes = drawn(near, out=tmp_path / "near")
    settings = {"bandwidth": 0.2}
    told = {"wanted": ANYTHING, "best_of": 1}
    assert how == {"prior": "kernel_density", "settings": settings, "repair": True} | told
    balls = find_generator(near).load("cpu")
    np.testing.assert_array_equal(codes, draw_codes(balls, how["prior"], 1, 2, 0, **settings)[0])
    how, codes = drawn(near, "--prior", "normal", "--no-repair", out=tmp_path / "normal")
    assert how == {"prior": "normal", "settings": {}, "repair": False} | told
    _, others = drawn(f"{with_rows}:chair/Balls", out=tmp_path / "balls")
    np.testing.assert_array_equal(codes, others)


def test_a_row_takes_what_it_wants(with_rows, tmp_path):
    how, _ = drawn(f"{with_rows}:chair/Chosen", out=tmp_path / "row")
    assert how["wanted"] == ANYTHING | {"stands": True}
    words = f"{with_rows}:chair/Balls", "--stands", "--handles", 0, "--prior", "kernel_density"
    how, _ = drawn(*words, out=tmp_path / "words")
    assert how["wanted"] == ANYTHING | {"stands": True, "handles": 0}


def test_the_best_of_several_needs_the_diagram_generator(run, tmp_path):
    done = call("sample", f"{run}:chair/Balls", "--best-of", 2, "-o", tmp_path / "out")
    assert done.exit_code == 1 and not (tmp_path / "out").exists()
    assert "there is no diagram generator: draw with --best-of 1" in " ".join(done.stderr.split())


def test_a_way_of_a_row_begins_at_its_shapes(with_rows, tmp_path):
    near = f"{with_rows}:chair/Near"
    _, codes = drawn(near, out=tmp_path / "near")
    way = tmp_path / "way"
    done = call("interpolate", near, 0, 1, "--frames", 2, "--grid", 16, "-o", way)
    assert done.exit_code == 0 and "great arc" in done.stdout
    np.testing.assert_allclose(np.load(way / "codes.npy")[0], codes[0], rtol=1e-6)


def test_a_row_without_its_training_is_told_with_what_there_is(with_rows):
    with pytest.raises(FileNotFoundError, match="there is chair/Balls, chair/Chosen, chair/Near$"):
        find_generator(f"{with_rows}:chair/Lost")


def test_a_row_of_a_run_without_configuration_is_told_what_to_type(run):
    (run / "synthetic/chair/Near").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="name that row, with --prior and --repair"):
        find_generator(f"{run}:chair/Near")


def test_no_generator_at_all(tmp_path):
    (tmp_path / "picture.png").touch()
    for source in (tmp_path, tmp_path / "picture.png", tmp_path / "gone.safetensors"):
        with pytest.raises(FileNotFoundError, match="no generator: give"):
            find_generator(str(source))


def test_shapes_with_all_that_is_known_of_them(run, tmp_path):
    out = tmp_path / "out"
    done = call("sample", f"{run}:chair/Balls", "-n", 3, "--grid", 24, "-o", out, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["draws"] == 3 and [shape["pieces"] for shape in told["shapes"]] == [1, 1, 1]
    names = ["000", "001", "002"]
    assert read_topology(out / "topology.csv", names)["b0"].tolist() == [1, 1, 1]
    assert len(read_diagrams(out / "diagrams.parquet", names)) == 3
    assert np.load(out / "codes.npy").shape == (3, 2)
    assert Image.open(out / "sheet.png").height > 200
    mesh = trimesh.load(out / "001.glb", force="mesh")
    assert mesh.volume > 1


def test_loose_pieces_are_told_with_what_to_do(run, tmp_path, monkeypatch):
    def in_two_pieces(*codes, **how):
        for shape in as_they_are(*codes, **how):
            yield shape._replace(topology=shape.topology._replace(betti=(2, 0, 0)))

    as_they_are = sampling.shapes_of_codes
    monkeypatch.setattr(sampling, "shapes_of_codes", in_two_pieces)
    words = ("-n", 1, "--grid", 16, "--no-sheet")
    done = call("sample", f"{run}:chair/Balls", *words, "-o", tmp_path / "loose")
    assert "more than one piece: 1; --repair" in done.stdout
    done = call("sample", f"{run}:chair/Balls", *words, "--repair", "-o", tmp_path / "repaired")
    assert done.exit_code == 0 and "more than one piece" not in done.stdout


def test_the_same_seed_gives_the_same_shapes_however_many(run, tmp_path):
    for number, out in ((1, "one"), (2, "two")):
        words = ("--grid", 16, "--format", "ply", "--no-sheet", "-o", tmp_path / out)
        call("sample", f"{run}:chair/Balls", "-n", number, *words)
    assert (tmp_path / "one/000.ply").read_bytes() == (tmp_path / "two/000.ply").read_bytes()
    assert not (tmp_path / "two/sheet.png").exists()


def test_topology_that_never_comes_ends_the_drawing(run, tmp_path):
    out = tmp_path / "out"
    words = ("-n", 2, "--handles", 5, "--most-draws", 3, "--grid", 16, "-o", out)
    done = call("sample", f"{run}:chair/Balls", *words)
    assert done.exit_code == 1 and not out.exists()
    assert "0 of 2 shapes in 3 draws" in done.stderr and "--most-draws" in done.stderr


def test_nothing_is_mixed_with_what_was_there(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = call("sample", f"{run}:chair/Balls")
    assert done.exit_code == 1 and "not empty" in done.stderr


def test_a_way_between_two_seeds(run, tmp_path):
    out = tmp_path / "way"
    words = ("--frames", 3, "--grid", 16, "-o", out, "--format", "ply")
    done = call("interpolate", f"{run}:chair/Balls", 0, 1, *words)
    assert done.exit_code == 0 and "great arc" in done.stdout
    call("sample", f"{run}:chair/Balls", "-n", 1, "--seed", 1, "--grid", 16, "--format", "ply",
         "-o", tmp_path / "end")  # fmt: skip
    assert (out / "002.ply").read_bytes() == (tmp_path / "end/000.ply").read_bytes()
    assert Image.open(out / "strip.png").width > 2 * Image.open(out / "strip.png").height


@pytest.fixture(scope="module")
def ball(tmp_path_factory):
    """A ball of radius 5 around (30, 0, 0)."""
    path = tmp_path_factory.mktemp("meshes") / "ball.ply"
    mesh = trimesh.creation.icosphere(3, 5.0)
    mesh.apply_translation([30, 0, 0])
    mesh.export(path)
    return path


def test_a_fitted_shape_lies_where_the_mesh_is(run, ball, tmp_path):
    (tmp_path / "cut.ply").write_bytes(ball.read_bytes()[:2000])
    out = tmp_path / "out"
    words = ("--steps", 20, "--grid", 24, "-o", out)
    done = call("fit", f"{run}:chair/Balls", ball, tmp_path / "cut.ply", *words)
    assert done.exit_code == 1 and "cut.ply" in done.stderr
    assert pd.read_csv(out / "fitted.csv")["made"].tolist() == ["1 0 0"]
    made = trimesh.load(out / "ball.glb", force="mesh")
    assert np.linalg.norm(made.centroid - [30, 0, 0]) < 2
    assert np.load(out / "codes.npy").shape == (1, 2)


def test_a_way_from_a_mesh_is_straight(run, ball, tmp_path):
    words = ("--frames", 2, "--grid", 16, "--steps", 5, "-o", tmp_path / "way", "--json")
    done = call("interpolate", f"{run}:chair/Balls", ball, 4, *words)
    assert json.loads(done.stdout)["way"] == "line"
