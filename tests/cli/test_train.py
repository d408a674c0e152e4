"""`toposhape train`: a configuration that the pipeline takes, and Snakemake's plan for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import trimesh
import yaml
from typer.testing import CliRunner

from toposhape.cli.app import app
from toposhape.jobs import start
from toposhape.settings.run import read_config


@pytest.fixture
def lamps(tmp_path, monkeypatch):
    """Twelve meshes in a folder, and another folder to work in."""
    folder = tmp_path / "lamps"
    folder.mkdir()
    for i in range(12):
        trimesh.creation.icosphere(1, 1 + i).export(folder / f"{i}.ply")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return folder


def train(*words):
    return CliRunner().invoke(app, ["train", *map(str, words)])


def really(*words):
    """The command in a process of its own, which plans only."""
    words = [sys.executable, "-m", "toposhape", "train", *map(str, words), "--dry-run", "--json"]
    return subprocess.run(words, capture_output=True, text=True)


def test_the_plan_is_snakemakes(lamps):
    done = really(lamps, "--name", "mine", "--preset", "smoke", "--cores", 1)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"] == "results/mine"
    assert "results/mine/publication/gallery.html" in done.stderr
    assert [path.name for path in Path.cwd().glob("*.yaml")] == ["mine.yaml"]


def test_what_the_pipeline_refuses_is_told(lamps):
    done = really(lamps, "--name", "my lamps!", "--cores", 1)
    assert done.returncode == 1 and json.loads(done.stdout)["code"] == 1
    assert "Snakemake ended with code 1" in done.stderr and "my lamps!" in done.stderr


def _written(lamps):
    content = start.configuration("mine", {"lamps": lamps}, "z", 3, "cpu")
    config = lamps.parent / "work" / "mine.yaml"
    start.write_configuration(config, content)
    return [start.pipeline_folder() / "presets" / "smoke.yaml", config]


def test_the_configuration_is_short_and_right(lamps):
    root = start.pipeline_folder()
    content = yaml.safe_load(start.configuration("mine", {"lamps": lamps}, "z", 3, "cpu"))
    assert len(_written(lamps)[-1].read_text().splitlines()) == 8
    run = read_config(yaml.safe_load((root / "config.yaml").read_text()) | content)
    assert (run.name, run.seed, run.device) == ("mine", 3, "cpu")
    (category,) = run.chosen_categories
    assert category == "lamps" and run.categories[category].up == "z"


def test_shapes_that_are_alike_on_both_sides_make_mirrored_generators(lamps, monkeypatch):
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert train(lamps, "--name", "mine", "--mirrored").exit_code == 0
    written = yaml.safe_load(Path("mine.yaml").read_text())
    default = yaml.safe_load((start.pipeline_folder() / "config.yaml").read_text())
    assert read_config(default | written).shape_generator_of("lamps").decoder.mirrored


@pytest.mark.parametrize(
    "words, code, reason",
    [
        (["--preset", "quik"], 2, "quik"),
        (["--pipeline", "nowhere"], 1, "no Snakefile in nowhere"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(lamps, words, code, reason):
    done = train(lamps, "--name", "mine", *words)
    assert done.exit_code == code and reason in done.stderr
    assert not (lamps.parent / "work" / "mine.yaml").exists()


def test_folders_without_meshes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no mesh"):
        start.configuration("mine", {"lamps": tmp_path}, "y", 0, "auto")


def test_another_configuration_of_that_name_stays(lamps):
    config = lamps.parent / "work" / "mine.yaml"
    config.write_text("name: mine  # by hand\n")
    done = train(lamps, "--name", "mine")
    assert done.exit_code == 1 and "another --name" in done.stderr
    assert "presets/quick.yaml" in done.stderr and str(config) in done.stderr
    assert config.read_text() == "name: mine  # by hand\n"


def test_a_name_is_no_path(lamps):
    done = train(lamps, "--name", "sub/run", "--dry-run")
    assert done.exit_code == 2 and "--name" in done.stderr
    assert list(Path.cwd().iterdir()) == []
