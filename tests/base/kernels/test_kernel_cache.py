"""Object files of kernels: damaged and foreign ones are made again, and never run."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from toposhape.base.kernels import cache, machine

CODE = bytes(range(200))
CALL = """
import sys
from toposhape.base.kernels.calls import Kernel
print(Kernel("small_kernels", sys.argv[1], sources="small_kernels.py")(21), "numba" in sys.modules)
"""
FINDS_KERNELS = os.pathsep.join([str(Path(__file__).parent), *sys.path])


class Compiler:
    """Makes the code and counts how often."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return CODE


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's home, with nothing else set."""
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    cache.folders.cache_clear()
    yield tmp_path / "home"
    cache.folders.cache_clear()


@pytest.fixture
def compiler():
    return Compiler()


def kept_file(folder, name="pad"):
    (path,) = folder.glob(f"{name}-*.kernel")
    return path


def first_call(kernel="answer", **environment):
    """Start a fresh interpreter that calls a kernel: 2 x 21."""
    inherited = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", CALL, kernel],
        env=inherited | {"PYTHONPATH": FINDS_KERNELS} | {k: str(v) for k, v in environment.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    """What it printed and said, and whether it had to compile."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, f"exit code {process.returncode}: {err}"
    value, compiled = out.split()
    return int(value), compiled == "True", err


# Where


def test_the_second_process_finds_what_the_first_one_made(home, compiler, capfd):
    assert cache.kept("pad", "key", compiler) == CODE
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 1
    folder = home / ".cache" / "toposhape"
    assert cache.folders() == ((folder,), folder)
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert capfd.readouterr().err == ""


def test_the_folder_is_the_users_choice(home, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folders().written == tmp_path / "xdg" / "toposhape"
    cache.folders.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache.folders().written == home / ".cache" / "toposhape"
    cache.folders.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "deep" / "chosen"))
    assert cache.folders().written == tmp_path / "deep" / "chosen"


def test_without_a_home_it_lies_in_the_temporary_folder(home, tmp_path, monkeypatch, capfd):
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made here")
    monkeypatch.setenv("HOME", str(blocked))
    private = cache.folders().written
    assert private == tmp_path / "temporary" / f"toposhape-{os.geteuid()}"
    assert private.stat().st_mode & 0o777 == 0o700
    assert capfd.readouterr().err == ""


def test_what_can_only_be_read_is_read(home, tmp_path, monkeypatch, compiler):
    """A system's cache: what it has is used; what it lacks goes to the user's own folder."""
    system = tmp_path / "system"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(system))
    cache.kept("pad", "key", compiler)
    before = {path: path.read_bytes() for path in system.iterdir()}
    cache.folders.cache_clear()
    monkeypatch.setattr(cache, "_can_write", lambda folder: folder != system)
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 1
    assert cache.kept("pad", "another key", compiler) == CODE
    assert compiler.calls == 2
    assert {path: path.read_bytes() for path in system.iterdir()} == before
    assert kept_file(home / ".cache" / "toposhape").stat().st_mode & 0o022 == 0


# Who


@pytest.mark.parametrize("opened", ["chosen", "."])
def test_what_was_planted_where_others_can_write_is_not_read(
    home, tmp_path, monkeypatch, compiler, capfd, opened
):
    chosen = tmp_path / "shared" / "chosen"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(chosen))
    cache.kept("pad", "key", compiler)
    kept_file(chosen).write_bytes(cache._digest("key", b"planted") + b"planted")
    assert cache.kept("pad", "key", compiler) == b"planted"  # one's own folder: a true file
    cache.folders.cache_clear()
    (chosen.parent / opened).chmod(0o777)
    for _ in range(3):
        assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 2
    assert kept_file(home / ".cache" / "toposhape")
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert f"not in {chosen} (others can write to {(chosen.parent / opened).resolve()}" in err


def test_a_planted_kernel_does_not_run(tmp_path):
    """Through the whole library: `planted` under the name and key of `answer`."""
    open_folder, private = tmp_path / "open", tmp_path / "private"
    for kernel, value in (("answer", 42), ("planted", 666)):
        assert result(first_call(kernel, NUMBA_CACHE_DIR=open_folder))[0] == value
    good, bad = kept_file(open_folder, "answer"), kept_file(open_folder, "planted")
    assert good.read_bytes() != bad.read_bytes()
    key = subprocess.run(
        [sys.executable, "-c", "import sys; from toposhape.base.kernels.calls import Kernel; "
         "k = Kernel('small_kernels', 'answer', 'small_kernels.py'); print(k._key(('int',)))"],
        env=os.environ | {"PYTHONPATH": FINDS_KERNELS}, capture_output=True, text=True, check=True,
    ).stdout[:-1]  # fmt: skip
    code = bad.read_bytes()[cache.DIGEST_BYTES :]
    good.write_bytes(cache._digest(key, code) + code)
    assert result(first_call(NUMBA_CACHE_DIR=open_folder))[0] == 666  # it would, in one's own
    open_folder.chmod(0o777)
    value, compiled, err = result(first_call(NUMBA_CACHE_DIR=open_folder, XDG_CACHE_HOME=private))
    assert (value, compiled) == (42, True)
    assert f"others can write to {open_folder}" in err
    assert result(first_call(NUMBA_CACHE_DIR=open_folder, XDG_CACHE_HOME=private))[:2] == (
        42,
        False,
    )


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_can_write_is_made_again(home, compiler, mode):
    cache.kept("pad", "key", compiler)
    path = kept_file(home / ".cache" / "toposhape")
    path.chmod(mode)
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 2
    assert path.stat().st_mode & 0o777 == 0o644


def test_files_are_closed_to_others_whatever_the_umask(home, compiler):
    before = os.umask(0)
    try:
        cache.kept("pad", "key", compiler)
    finally:
        os.umask(before)
    assert kept_file(home / ".cache" / "toposhape").stat().st_mode & 0o022 == 0
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 1


def test_where_no_folder_can_be_trusted_nothing_is_kept(home, tmp_path, compiler, capfd):
    tmp_path.chmod(0o777)
    for calls in (1, 2):
        assert cache.kept("pad", "key", compiler) == CODE
        assert compiler.calls == calls
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "nowhere" in err and "NUMBA_CACHE_DIR" in err
    assert not list(tmp_path.rglob("*.kernel"))


ANOTHER_USER = """
import os, sys
from toposhape.base.kernels import cache
os.setgroups([]), os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
print(cache.kept("pad", "key", lambda: sys.argv[1].encode()).decode())
print(cache.folders().written)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become others")
def test_a_second_user_of_a_shared_cache_gets_one_of_his_own():
    """What the first one made is not run by the second, who can read it."""
    with tempfile.TemporaryDirectory() as name:  # pytest's folders are closed to others
        place, shared = Path(name), Path(name) / "shared"
        place.chmod(0o755)
        for user, folder in (("11111", "11111"), ("22222", "22222"), ("11111", "shared")):
            (place / folder).mkdir(mode=0o755)
            os.chown(place / folder, int(user), int(user))
        said = []
        for user in ("11111", "22222", "22222"):
            homes = dict.fromkeys(("HOME", "TMPDIR"), str(place / user))
            run = subprocess.run(
                [sys.executable, "-c", ANOTHER_USER, user],
                env=os.environ | homes | {"XDG_CACHE_HOME": "", "NUMBA_CACHE_DIR": str(shared)},
                capture_output=True,
                text=True,
            )
            assert run.returncode == 0, run.stderr
            said.append((*run.stdout.split(), run.stderr))
        assert said[0] == ("11111", str(shared), "")
        assert said[1][:2] == ("22222", str(place / "22222" / ".cache" / "toposhape"))
        assert said[1][2].count("\n") == 1
        assert f"{shared} belongs to user 11111" in said[1][2]
        assert said[2] == said[1]


# What


DAMAGE = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "cut in the digest": lambda content: content[:10],
    "a bit of the code flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "a bit of the digest flipped": lambda content: bytes([content[0] ^ 128]) + content[1:],
    "longer": lambda content: content + b"\0",
    "zeros": lambda content: bytes(len(content)),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_made_again(home, compiler, damage):
    cache.kept("pad", "key", compiler)
    path = kept_file(home / ".cache" / "toposhape")
    whole = path.read_bytes()
    path.write_bytes(DAMAGE[damage](whole))
    assert cache.kept("pad", "key", compiler) == CODE
    assert path.read_bytes() == whole
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "a bit of the code flipped"])
def test_damaged_machine_code_is_not_run(tmp_path, damage):
    assert result(first_call(XDG_CACHE_HOME=tmp_path))[:2] == (42, True)
    path = kept_file(tmp_path / "toposhape", "answer")
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert result(first_call(XDG_CACHE_HOME=tmp_path))[:2] == (42, True)
    assert result(first_call(XDG_CACHE_HOME=tmp_path))[:2] == (42, False)


def test_another_kernels_file_is_not_taken(home, compiler):
    """The digest holds the key: a file that was renamed or copied is a damaged one."""
    cache.kept("pad", "key", compiler)
    cache.kept("collect", "another key", lambda: b"other code")
    folder = home / ".cache" / "toposhape"
    shutil.copy(kept_file(folder, "collect"), kept_file(folder, "pad"))
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 2


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "folder as lock"])
def test_what_is_no_file_is_no_kernel(home, compiler, kind, capfd):
    cache.kept("pad", "key", compiler)
    path = kept_file(home / ".cache" / "toposhape")
    if kind == "link":
        path.rename(home / "elsewhere")
        path.symlink_to(home / "elsewhere")
    else:
        path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder as lock":
        path.with_suffix(".lock").unlink()
        path.with_suffix(".lock").mkdir()
    assert cache.kept("pad", "key", compiler) == CODE
    assert compiler.calls == 2
    assert ("could not be kept" in capfd.readouterr().err) == (kind == "folder")


def test_a_disk_that_takes_nothing_ends_no_computation(home, compiler, monkeypatch, capfd):
    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(cache, "whole", full)
    assert cache.kept("pad", "key", compiler) == CODE
    assert "could not be kept: [Errno 28] No space left" in capfd.readouterr().err


# For which machine


@pytest.mark.parametrize("function", ["get_host_cpu_features", "get_host_cpu_name"])
def test_code_is_for_one_processor_and_its_features(monkeypatch, function):
    """Machines of one name may differ: a virtual machine can hide features."""

    class Masked(dict):
        def flatten(self):
            return "-avx512f"

    machine.machine.cache_clear()
    here = machine.machine()
    monkeypatch.setattr(
        machine.llvm, function, Masked if "features" in function else lambda: "another"
    )
    machine.machine.cache_clear()
    assert machine.machine() != here
    machine.machine.cache_clear()


def test_code_is_for_one_state_of_its_sources(tmp_path):
    (tmp_path / "kernels.py").write_text("a")
    (tmp_path / "other.py").write_text("b")
    digests = [machine.sources_digest(tmp_path, "*.py")]
    (tmp_path / "other.py").write_text("c")
    machine.sources_digest.cache_clear()
    digests += [machine.sources_digest(tmp_path, p) for p in ("*.py", "kernels.py")]
    (tmp_path / "other.py").rename(tmp_path / "renamed.py")
    machine.sources_digest.cache_clear()
    digests += [machine.sources_digest(tmp_path, p) for p in ("*.py", "kernels.py")]
    assert digests[2] == digests[4]
    assert len(set(digests)) == 4


# When


def test_of_processes_that_start_together_one_compiles(tmp_path):
    processes = [first_call(XDG_CACHE_HOME=tmp_path) for _ in range(4)]
    results = [result(process) for process in processes]
    assert [value for value, _, _ in results] == [42] * 4
    assert sum(compiled for _, compiled, _ in results) == 1
    assert len(list((tmp_path / "toposhape").glob("*.kernel"))) == 1


def test_a_long_compilation_says_so_and_a_slow_disk_does_not(home, monkeypatch, capfd, compiler):
    monkeypatch.setattr(cache, "PATIENCE_SECONDS", 0.01)

    def slowly():
        time.sleep(0.5)
        return compiler()

    cache.kept("pad", "key", slowly)
    folder = home / ".cache" / "toposhape"
    expected = f"toposhape: compiling the kernel pad for this machine, kept in {folder}\n"
    assert capfd.readouterr().err == expected
    read = cache._read

    def read_slowly(*arguments):
        time.sleep(0.2)
        return read(*arguments)

    monkeypatch.setattr(cache, "_read", read_slowly)
    cache.kept("pad", "key", slowly)
    assert compiler.calls == 1
    assert capfd.readouterr().err == ""
