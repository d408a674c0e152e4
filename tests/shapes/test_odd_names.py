"""Files of any name, through Snakemake from the folder to the split: nothing stops the run."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
import trimesh
import yaml

from toposhape.topology.tables import read_diagrams

ROOT = Path(__file__).parents[2]
USABLE = {
    "plain": "plain",
    "a{1}": "a_1_",
    "{batch}": "_batch_",
    "{{2}": "__2_",
    "sp ace ": "sp_ace_",
    "q'uote\"$(touch executed)": "q_uote___touch_executed_",
    "-lead": "lead",
    "=1+1": "_1+1",
    "@sum": "_sum",
    "NA": "_NA",
    "null": "_null",
    "1e5": "_1e5",
    "*": "_",
    "椅子☃": "椅子_",
    "x" * 200: None,
}
UNUSABLE = [b"St\xfchle", b"two\nlines", b"re\rturn", b"tab\tulator"]
TARGETS = ["manifest.csv", "diagrams.parquet", "split.json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    meshes = folder / "meshes"
    meshes.mkdir()
    composed = [unicodedata.normalize(form, "é").encode() for form in ("NFC", "NFD")]
    for i, name in enumerate([*map(str.encode, USABLE), *UNUSABLE, *composed]):
        path = os.fsencode(meshes) + b"/" + name + b".obj"
        Path(os.fsdecode(path)).write_text(ring(0.1 + 0.01 * i))  # none is a copy of another
    category = {"source": "folder", "path": "meshes"}
    shapes = {"resolution": 16, "samples": 100, "max_rejected": 1}
    none = dict.fromkeys(("chair", "table", "sofa"))
    overlay = {"name": "odd", "categories": {**none, "box": category}, "shapes": shapes}
    overlay["joint_training"] = {"resolution": 16}
    (folder / "odd.yaml").write_text(yaml.safe_dump(overlay))
    return folder


def ring(thickness: float) -> str:
    return trimesh.creation.torus(0.6, thickness, 16, 8).export(file_type="obj")


def planned(folder: Path) -> list[str]:
    """Rules that have something to do."""
    return re.findall(r"^(\w+) +\d+$", run(folder, "--dry-run"), re.MULTILINE)


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--directory", folder, *arguments, "--configfile", ROOT / "config.yaml"]
    command += [folder / "odd.yaml", "--", *(f"results/odd/shapes/box/{name}" for name in TARGETS)]
    ended = subprocess.run(list(map(str, command)), capture_output=True, cwd=ROOT)
    output = (ended.stdout + ended.stderr).decode(errors="replace")
    assert ended.returncode == 0, output
    return output


def test_files_of_any_name_are_planned(folder):
    assert planned(folder)[0] == "prepare_shapes"


@pytest.mark.slow
def test_every_file_is_a_shape_or_a_line_with_a_reason(folder):
    run(folder)
    shapes = folder / "results/odd/shapes/box"
    manifest = pd.read_csv(shapes / "manifest.csv")  # as anybody would
    by_source = manifest.set_index("source")
    assert len(manifest) == len(USABLE) + len(UNUSABLE) + 2
    assert manifest["shape"].is_unique
    for name, shape in USABLE.items():
        line = by_source.loc[f"meshes/{name}.obj"]
        assert line["status"] == "ok"
        assert shape in (line["shape"], None)
    refused = manifest[manifest["status"] == "rejected"]
    assert len(refused) == len(UNUSABLE)
    assert refused["reason"].str.contains("rename it").all()
    assert r"unusable name:meshes/St\xfchle.obj" in set(refused["source"])
    accepted = manifest["shape"][manifest["status"] == "ok"].tolist()
    split = json.loads((shapes / "split.json").read_text())
    assert sorted(sum(split.values(), [])) == sorted(accepted)
    diagrams = read_diagrams(shapes / "diagrams.parquet", accepted)
    assert [each.sizes[1] for each in diagrams] == [1] * len(accepted)
    assert not list(folder.rglob("executed"))


@pytest.mark.slow
def test_nothing_is_left_to_do_and_a_mended_mesh_is_prepared_again(folder):
    assert planned(folder) == []
    mesh = folder / "meshes" / "a{1}.obj"
    mesh.write_text(ring(0.35))
    assert planned(folder)[0] == "prepare_shapes"
