"""Wheel and sdist, installed into empty environments of every Python that is here.

Packages come from pip's index, in the lock file's versions. torch is only installed if its wheel
lies on this machine, where pip's `find-links` says: an index's has gigabytes. Without it the
commands run that need none.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13")
EXTRAS = ("topology", "generators", "pipeline")
TORUS = """
import sys
import numpy as np
import toposhape
from toposhape.topology import diagram_distance, sublevel_diagrams, superlevel_diagrams

axis = np.linspace(-1, 1, 48)
x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
torus = 0.2 - np.hypot(np.hypot(x, z) - 0.6, y)
diagram = superlevel_diagrams(torus, min_persistence=0.01)
assert diagram.betti_numbers(0) == (1, 1, 0), diagram.betti_numbers(0)
same = sublevel_diagrams(-torus, min_persistence=0.01)
assert diagram_distance(diagram.points[1], -same.points[1][:, ::-1]) < 1e-12
assert not {"torch", "scipy", "pandas"} & set(sys.modules), "a diagram needs numpy and numba only"
assert "superlevel_diagrams" in dir(toposhape)
"""
LOADED = """
import numpy as np
import toposhape

chair = toposhape.load("chair")
codes = np.random.default_rng(0).standard_normal((1, chair.latent_size), dtype=np.float32)
(shape,) = chair.shapes(codes, resolution=48)
assert shape.field.min() < 0 < shape.field.max()
"""
BALLS = """
from pathlib import Path
import trimesh

Path("balls").mkdir()
for i in range(12):
    trimesh.creation.icosphere(1, 1 + i).export(f"balls/{i}.ply")
"""
MADE = "import trimesh; trimesh.creation.torus(30, 10).export('torus.ply')"


def python_of(version):
    """An interpreter of this version: on the path, or one of pyenv's."""
    places = [shutil.which(f"python{version}")]
    places += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for place in filter(None, places):
        asked = [place, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True)
        if done.stdout.strip() == version:
            return str(place)
    pytest.skip(f"there is no Python {version} here")


def run(command, folder, **more):
    """Run a command and give what it prints; its error is the test's."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, **more
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Of the sdist's own files, so that both are whole."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    listed = run(["git", "ls-files", "-z", "--cached"], ROOT).split("\0")
    for name in filter(None, listed):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    build = "from setuptools import build_meta; print(build_meta.build_{}({!r}))"
    run([sys.executable, "-c", build.format("sdist", str(folder))], source)
    (archive,) = folder.glob("toposhape-*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    run([sys.executable, "-c", build.format("wheel", str(folder))], unpacked)
    (made,) = folder.glob("toposhape-*.whl")
    assert made.stat().st_size < 12e6
    return made


def torch_is_here(python, folder):
    """Whether pip finds the locked torch for this Python without an index."""
    locked = re.search(r"^torch==\S+", (ROOT / "requirements.lock").read_text(), re.MULTILINE)[0]
    command = [python, "-m", "pip", "install", "--no-index", "--no-deps", "--dry-run", locked]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def install(python, wheel, extra, folder):
    """An environment with the wheel, an extra, and nothing else; whether torch is among it."""
    run([python, "-m", "venv", folder / "env"], folder)
    inside = folder / "env" / "bin" / "python"
    pip = [inside, "-m", "pip", "install", "--quiet", "-c", ROOT / "requirements.lock"]
    with_torch = extra == "topology" or torch_is_here(inside, folder)
    if with_torch:
        run([*pip, f"{wheel}[{extra}]"], folder)
        return inside, with_torch
    run([*pip, wheel], folder)
    asked = "from importlib.metadata import requires; print('\\n'.join(requires('toposhape')))"
    needed = [Requirement(line) for line in run([inside, "-c", asked], folder).splitlines()]
    chosen = [each for each in needed if wanted(each, {extra, "generators"})]
    run([*pip, *(f"{r.name}{extras_of(r)}{r.specifier}" for r in chosen)], folder)
    return inside, with_torch


def extras_of(requirement):
    """Its extras as they are written."""
    return f"[{','.join(requirement.extras)}]" if requirement.extras else ""


def wanted(requirement, extras):
    """Whether a requirement is one of these extras, but neither torch nor the package itself."""
    if requirement.name in ("torch", "toposhape") or requirement.marker is None:
        return False
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("extra", EXTRAS)
def test_an_empty_environment_gets_what_the_extra_promises(extra, version, wheel, tmp_path):
    python, with_torch = install(python_of(version), wheel, extra, tmp_path)
    command = python.parent / "toposhape"
    run([python, "-W", "error", "-c", TORUS], tmp_path)
    if extra == "topology":
        refused = subprocess.run([command, "--help"], capture_output=True, text=True)
        assert refused.returncode == 1 and "toposhape[generators]" in refused.stderr
        return
    assert "interpolate" in run([command, "--help"], tmp_path)
    run([python, "-c", MADE], tmp_path)
    assert "pieces 1, handles 1" in run([command, "diagram", "torus.ply", "--picture"], tmp_path)
    run([command, "gallery", tmp_path, "-o", "page.html"], tmp_path)
    if extra == "pipeline":
        run([python, "-c", BALLS], tmp_path)
        planned = run([command, "train", "balls", "--name", "own", "--dry-run"], tmp_path)
        assert "results/own/publication/gallery.html" in planned
    if not with_torch:
        pytest.skip("all but torch: it has no wheel for this Python on this machine")
    assert "wrong" not in run([command, "doctor"], tmp_path)
    run([python, "-c", LOADED], tmp_path)
    run([command, "sample", "chair", "-n", "2", "-o", "out"], tmp_path)
    assert len(list((tmp_path / "out").glob("*.glb"))) == 2
