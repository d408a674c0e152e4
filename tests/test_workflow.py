"""The workflow plans what a person asks for, and says clearly what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
import trimesh
import yaml

ROOT = Path(__file__).parent.parent


def plan(*arguments, folder):
    """Dry-run the workflow with results in a folder of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--dry-run", "--directory", folder, "--workflow-profile", "none", *arguments]
    if "--configfile" not in arguments:
        command += ["--configfile", ROOT / "config.yaml"]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)


def jobs(run):
    """Number of jobs by rule, from Snakemake's table."""
    assert run.returncode == 0, run.stdout + run.stderr
    lines = (run.stdout + run.stderr).splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith("job "))
    rows = [line.split() for line in lines[start + 2 :]]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def test_default_run_pretrains_every_variant_once_and_trains_every_method(tmp_path):
    planned = jobs(plan(folder=tmp_path))
    assert planned["train_shape_generator"] == 3 * 3  # one of them for figure 2 alone
    assert planned["train_diagram_generator"] == 2 * 3
    assert planned["train_jointly"] == 9 * 3
    assert planned["train_set_diffusion"] == 3
    assert planned["prepare_shapes"] == planned["compute_diagrams"]
    assert planned["tables"] == 1
    assert planned["interpolate_shapes"] == 2 * 3  # walks of two methods are enough


def test_one_category_alone(tmp_path):
    assert jobs(plan("--config", "only=chair", folder=tmp_path))["train_jointly"] == 9


def test_a_folder_of_meshes_needs_eight_lines(tmp_path):
    meshes = tmp_path / "my meshes ü"
    meshes.mkdir()
    for i in range(12):
        trimesh.creation.box((1, 1 + i, 2)).export(meshes / f"box {i}.obj")
    config = tmp_path / "mine.yaml"
    category = {"name": "box", "source": "folder", "path": str(meshes), "up": "z"}
    config.write_text(yaml.safe_dump({"name": "mine", "categories": [category]}))
    assert len(config.read_text().splitlines()) <= 8
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert jobs(run)["train_jointly"] == 9
    assert "results/mine/" in run.stdout + run.stderr


def test_adding_a_method_is_adding_an_entry(tmp_path):
    config = tmp_path / "more.yaml"
    config.write_text("methods: {Mine: {variant: DeepSDF, baseline: DeepSDF-VAD}}\nonly: sofa\n")
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert jobs(run)["train_jointly"] == 10


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("shapes: {resolutoin: 64}", "shapes.resolutoin: unknown key"),
        ("topology: {complex: simplicial}", "not 'simplicial'"),
        ("only: bench", "no such category"),
    ],
)
def test_a_wrong_configuration_is_explained_without_a_traceback(tmp_path, overlay, message):
    config = tmp_path / "wrong.yaml"
    config.write_text(overlay)
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert run.returncode != 0
    assert message in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
