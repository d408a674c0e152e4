"""What the first call of a process loads and compiles, through the public functions."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import toposhape

CALLS = {
    "diagram": "from toposhape.topology import superlevel_diagrams\n"
    "ring = np.ones((3, 3), np.float32)\nring[1, 1] = 0\n"
    "print(*superlevel_diagrams(ring).sizes)",
    "distances": "from toposhape.topology import diagram_distances\n"
    "p = [np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]])]\n"
    "print(*diagram_distances(p).round(9).flat)",
    "matching": "from toposhape.topology import diagram_distance\n"
    "print(round(diagram_distance([[0.0, 1.0]], []), 9))",
    "clouds": "from toposhape.evaluation.chamfer import chamfer_distance\n"
    "print(chamfer_distance([[0, 0, 0]], [[1, 0, 0]]))",
}
ANSWERS = {"diagram": "0 1 0", "distances": "0.0 1.0 1.0 0.0", "matching": "0.5", "clouds": "2.0"}
LOADED = "\nprint(*sorted(set(sys.modules) & {'numba', 'torch', 'scipy', 'gudhi', 'lap'}))"


def first_call(work, cache, package=None):
    """Start a fresh interpreter that does one work with a cache."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    environment.pop("NUMBA_CACHE_DIR", None)
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    return subprocess.Popen(
        [sys.executable, "-c", "import sys\nimport numpy as np\n" + CALLS[work] + LOADED],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    """The answer, the libraries that were loaded, and what was said."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    answer, loaded = out.splitlines()
    return answer, loaded.split(), err


@pytest.fixture(scope="module")
def users_cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())


@pytest.mark.parametrize("work", CALLS)
def test_a_warm_first_call_loads_neither_numba_nor_torch(users_cache, work):
    assert result(first_call(work, users_cache))[0] == ANSWERS[work]
    assert result(first_call(work, users_cache)) == (ANSWERS[work], [], "")


@pytest.mark.slow
def test_processes_that_start_together_compile_each_kernel_once(tmp_path):
    results = [result(p) for p in [first_call("diagram", tmp_path) for _ in range(4)]]
    assert {answer for answer, _, _ in results} == {ANSWERS["diagram"]}
    files = list(tmp_path.glob("toposhape/*.kernel"))
    kernels = sorted(path.name.rsplit("-", 1)[0] for path in files)
    assert kernels == sorted(set(kernels))
    assert {"fill_tables", "pad", "pair_minima", "pair_maxima", "pair_cycles"} <= set(kernels)
    assert any("compiling the kernel" in err for _, _, err in results)
    times = {path: path.stat().st_mtime_ns for path in files}
    assert result(first_call("diagram", tmp_path))[1:] == ([], "")
    assert times == {path: path.stat().st_mtime_ns for path in files}


@pytest.mark.slow
def test_the_sources_may_be_read_only_and_edits_are_seen(tmp_path):
    package = tmp_path / "package"
    shutil.copytree(Path(toposhape.__file__).parent, package / "toposhape")
    for path in [package / "toposhape", *(package / "toposhape").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def compiles():
        return "numba" in result(first_call("distances", tmp_path / "cache", package))[1]

    assert compiles()
    assert not compiles()
    edited = package / "toposhape/topology/distances/assignment/state.py"
    edited.chmod(0o644)
    edited.write_text(edited.read_text() + "\n# an edit\n")
    assert compiles()
