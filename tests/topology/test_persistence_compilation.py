"""The cache of compiled kernels: where it lies, who may write it, what a first call loads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import toposhape
from toposhape.topology import compile_cache

FIRST_CALL = """
import sys
import numpy as np
from toposhape.topology import superlevel_diagrams
field = np.arange(27.0, dtype=np.float32).reshape(3, 3, 3) % 5
sizes = superlevel_diagrams(field).sizes
print(*sizes, *sorted(set(sys.modules) & {"numba", "torch", "scipy", "gudhi"}))
"""


def first_call(cache, package=None):
    """Start a fresh interpreter that computes one diagram."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    environment.pop("NUMBA_CACHE_DIR", None)
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    return subprocess.Popen(
        [sys.executable, "-c", FIRST_CALL],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out.split(), err


@pytest.fixture(scope="module")
def warm_cache():
    """The cache of this user, after a first call."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    result(first_call(cache))
    return cache


def test_a_warm_first_call_loads_neither_numba_nor_torch(warm_cache):
    words, err = result(first_call(warm_cache))
    assert words[3:] == []
    assert err == ""


@pytest.mark.slow
def test_processes_that_start_together_compile_once(tmp_path):
    processes = [first_call(tmp_path) for _ in range(4)]
    results = [result(process) for process in processes]
    assert len({tuple(words[:3]) for words, _ in results}) == 1
    compiled = [words for words, _ in results if "numba" in words]
    objects = list(tmp_path.glob("toposhape/*/kernel.o"))
    kernels = sorted(path.parent.name.rsplit("-", 1)[0] for path in objects)
    assert kernels == sorted(set(kernels))
    assert {"fill_tables", "pad", "pair_minima", "pair_maxima", "pair_cycles"} <= set(kernels)
    assert 1 <= len(compiled) <= 4
    times = {path: path.stat().st_mtime_ns for path in objects}
    result(first_call(tmp_path))
    assert times == {path: path.stat().st_mtime_ns for path in objects}
    assert any("compiling the kernel" in err for _, err in results)


@pytest.mark.slow
def test_the_sources_may_be_read_only_and_edits_are_seen(tmp_path):
    package = tmp_path / "package"
    shutil.copytree(Path(toposhape.__file__).parent, package / "toposhape")
    for path in [package / "toposhape", *(package / "toposhape").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    cache = tmp_path / "cache"
    words, _ = result(first_call(cache, package))
    assert "numba" in words
    words, _ = result(first_call(cache, package))
    assert "numba" not in words
    edited = package / "toposhape/topology/native/order.py"
    edited.chmod(0o644)
    edited.write_text(edited.read_text() + "\n# an edit\n")
    words, _ = result(first_call(cache, package))
    assert "numba" in words


def test_the_cache_folder_is_the_users_choice(tmp_path, monkeypatch):
    compile_cache.cache_root.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "chosen"))
    assert compile_cache.cache_root() == tmp_path / "chosen"
    compile_cache.cache_root.cache_clear()


def test_a_cache_that_others_may_write_is_refused(tmp_path, monkeypatch):
    compile_cache.cache_root.cache_clear()
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made here")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked / "cache"))
    monkeypatch.setattr(compile_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    private = compile_cache.cache_root()
    assert private.stat().st_mode & 0o077 == 0
    compile_cache.cache_root.cache_clear()
    private.chmod(0o777)
    with pytest.raises(PermissionError, match="NUMBA_CACHE_DIR"):
        compile_cache.cache_root()
    compile_cache.cache_root.cache_clear()


def test_a_long_compilation_says_so(capfd, monkeypatch):
    monkeypatch.setattr(compile_cache, "PATIENCE_SECONDS", 0.01)
    with compile_cache.announced("a kernel"):
        assert "compiling a kernel" in wait_for(capfd)
    monkeypatch.setattr(compile_cache, "PATIENCE_SECONDS", 60)
    with compile_cache.announced("a kernel"):
        pass
    assert capfd.readouterr().err == ""


def wait_for(capfd):
    """Return the first text on stderr."""
    for _ in range(500):
        err = capfd.readouterr().err
        if err:
            return err
        compile_cache.threading.Event().wait(0.01)
    return ""
