"""Locale, time zone, clock, read-only meshes, odd names: the same bits come out."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import stages
import torch
import trimesh
from harm import read_only

from toposhape.base.locks import FolderInUseError, sole_writer
from toposhape.learning.checkpoints import Checkpoint, CheckpointFolder
from toposhape.settings.shapes import Shapes
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import list_requests

SMALL = {
    "shapes": Shapes(resolution=16, samples=400, surface_points=100),
    "progress": False,
}
CODE = """
import pathlib, sys
sys.path[:0] = [sys.argv[1], str(pathlib.Path(sys.argv[1]).parent)]
import stages
stages.run("preparation", pathlib.Path(sys.argv[2]), None)
stages.run("shape_generator", pathlib.Path(sys.argv[2]), None)
"""
PLACES = {
    "Turkish": ("tr_TR", "ISO-8859-9", "a folder"),  # TensorBoard wants UTF-8 for other names
    "German": ("de_DE", "UTF-8", "Stühle für İğne 椅子 ☃"),
}


def run(folder: Path, **environment: str) -> dict[str, bytes]:
    command = [sys.executable, "-c", CODE, str(Path(__file__).parent), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, **environment}, capture_output=True)
    return stages.outcome(folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, bytes]:
    return run(tmp_path_factory.mktemp("plain"), LC_ALL="C", TZ="UTC", PYTHONUTF8="1")


@pytest.mark.parametrize("place", ["Turkish", pytest.param("German", marks=pytest.mark.slow)])
def test_locale_and_time_zone_change_no_bit(tmp_path, expected, place):
    """Commas in numbers, dotless i, another encoding of text, a folder's name with all of it."""
    if not shutil.which("localedef"):
        pytest.skip("no localedef to make the locale with")
    language, encoding, folder = PLACES[place]
    name = f"{language}.{encoding}"
    made = ["localedef", "-i", language, "-f", encoding, str(tmp_path / name)]
    if subprocess.run(made, capture_output=True).returncode:
        pytest.skip(f"this system has no sources of {language}")
    environment = {"LC_ALL": name, "LOCPATH": str(tmp_path), "PYTHONUTF8": "0"}
    assert run(tmp_path / folder, TZ="Pacific/Kiritimati", **environment) == expected


def test_a_folder_whose_name_python_would_not_read_as_utf8_is_refused(tmp_path):
    """Numba and TensorBoard cannot work there; planning says what to type."""
    root, folder = Path(__file__).parent.parent.parent, tmp_path / "Möbel & Co 椅子"
    folder.mkdir()
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "--cores", "1"]
    command += ["--snakefile", str(root / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(root / "config.yaml"), str(root / "presets" / "smoke.yaml")]
    for mode, code in (("0", 1), ("1", 0)):
        environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": mode}
        run = subprocess.run(command, env=environment, capture_output=True, cwd=root)
        assert run.returncode == code, run.stdout + run.stderr
        assert (b"export PYTHONUTF8=1" in run.stdout + run.stderr) == (mode == "0")


@pytest.mark.parametrize("place", [".", "results"])
def test_a_read_only_folder_is_one_clear_error(tmp_path, place):
    root, folder = Path(__file__).parent.parent.parent, tmp_path / place
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--quiet",
        "--cores",
        "1",
    ]
    command += ["--snakefile", root / "Snakefile", "--directory", tmp_path]
    command += [
        "--configfile",
        root / "config.yaml",
        "--",
        "results/chairs/shapes/chair/split.json",
    ]
    with read_only(folder):
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=root)
    output = run.stdout + run.stderr
    assert run.returncode
    assert f"nothing can be written to {folder.resolve()}" in output, output
    assert "mend" in output
    assert "Traceback" not in output


def test_a_clock_that_was_set_back_does_not_change_which_checkpoint_is_last(tmp_path):
    store, now = CheckpointFolder(tmp_path), time.time()
    for epoch, age in ((1, -86400), (2, 86400)):  # the first one comes from the future
        store.save(Checkpoint(epoch, {"x": torch.ones(1)}, {}))
        for path in tmp_path.glob(f"epoch_{epoch:06d}.*"):
            os.utime(path, (now - age, now - age))
    assert store.latest().epoch == 2
    store.save(Checkpoint(3, {"x": torch.ones(1)}, {}))
    assert store.latest().epoch == 3
    assert not list(tmp_path.glob("epoch_000001.*"))


@pytest.fixture
def meshes(tmp_path) -> Path:
    folder = tmp_path / "meine Möbel ☃" / "İğne 椅子"
    folder.mkdir(parents=True)
    trimesh.creation.box((1, 2, 3)).export(folder / "Stuhl Nr. 1 (alt).obj")
    trimesh.creation.torus(0.6, 0.25).export(folder / "ring ʘ'\"$(touch executed).ply")
    return tmp_path / "meine Möbel ☃"


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {path: path.stat() for path in [folder, *folder.rglob("*")]}
    return {str(path): (each.st_mode, each.st_mtime_ns) for path, each in stats.items()}


def test_meshes_are_only_read_whatever_they_are_called(tmp_path, meshes, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in sorted(meshes.rglob("*"), reverse=True):
        path.chmod(0o444 if path.is_file() else 0o555)
    meshes.chmod(0o555)
    before = tree(meshes)
    manifest = prepare_batch(list_requests("folder", path=meshes), tmp_path / "000", **SMALL)
    assert manifest["status"].tolist() == ["ok", "ok"], manifest["reason"].tolist()
    assert tree(meshes) == before
    assert not list(tmp_path.rglob("executed"))


def test_two_processes_do_not_prepare_one_batch(tmp_path, meshes):
    requests = list_requests("folder", path=meshes)
    with sole_writer(tmp_path / "000", tmp_path / ".000.lock"):
        with pytest.raises(
            FolderInUseError, match=rf"000 is in use by process {os.getpid()}: wait"
        ):
            prepare_batch(requests, tmp_path / "000", **SMALL)
        assert not list((tmp_path / "000").iterdir())
    assert len(prepare_batch(requests, tmp_path / "000", **SMALL)) == 2
