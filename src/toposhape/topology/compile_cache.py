"""Where compiled kernels are kept: a folder of the user, safe for many processes and machines.

It is ``NUMBA_CACHE_DIR`` if that is set, else ``$XDG_CACHE_HOME/toposhape``, else
``~/.cache/toposhape``: never beside the source, which may be read-only.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import llvmlite.binding

PATIENCE_SECONDS = 3.0


def kernel_folder(name: str, signature: str, sources: Path) -> Path:
    """Return the folder of one kernel and signature, made if needed.

    One folder for each keeps processes that compile different kernels out of each other's way.

    Args:
        name: the kernel's name.
        signature: what it was compiled for.
        sources: folder of the Python files that it is made of; an edit there is seen.
    """
    digest = hashlib.sha256(_machine().encode())
    digest.update(_sources_digest(sources))
    digest.update(signature.encode())
    folder = cache_root() / f"{name}-{digest.hexdigest()[:20]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def cache_root() -> Path:
    """Return the writable folder that holds all compiled kernels.

    Without a writable home it is a folder of the temporary directory that only this user may
    enter: what lies in a cache is executed.

    Raises:
        PermissionError: if that folder is open to somebody else.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    chosen = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(home) / "toposhape")
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            return chosen
    except OSError:
        private = Path(tempfile.gettempdir()) / f"toposhape-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    state = private.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(
            f"{private} is open to other users; set NUMBA_CACHE_DIR to a folder of your own"
        )
    return private


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes out of a kernel's folder, so that only the first of them compiles.

    On a file system without locks several may compile the same, which does no harm.
    """
    with (folder / "lock").open("w") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def announced(name: str) -> Iterator[None]:
    """Say on stderr what is going on, should it take longer than `PATIENCE_SECONDS`."""
    text = f"toposhape: compiling {name} for this machine, kept in {cache_root()}\n"
    timer = threading.Timer(PATIENCE_SECONDS, sys.stderr.write, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@functools.cache
def _machine() -> str:
    """Describe what machine code depends on besides the sources."""
    processor = llvmlite.binding.get_host_cpu_name()
    versions = {package: metadata.version(package) for package in ("numba", "llvmlite", "numpy")}
    return f"{processor} {sys.version} {versions}"


@functools.cache
def _sources_digest(folder: Path) -> bytes:
    """Return a digest of the Python files of a folder and of those that compile them."""
    digest = hashlib.sha256()
    for source in sorted(folder.glob("*.py")) + sorted(Path(__file__).parent.glob("compil*.py")):
        digest.update(source.read_bytes())
    return digest.digest()
