"""Where object files of kernels are kept: a folder of this user, for many processes and machines.

It is ``NUMBA_CACHE_DIR`` if that is set, else ``toposhape`` in ``$XDG_CACHE_HOME`` or in
``~/.cache``, else one in the temporary folder.  A folder into which others could have put files
(see `trust`) is passed over with a word on stderr; one that can only be read, as a system's, is
read, and the next one is written.

A file holds a digest of its key and its code, and then the code: what is cut, flipped, empty or
another kernel's is compiled again, never run.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from toposhape.base.files import whole

from .trust import reason_to_distrust, trusted_file

PATIENCE_SECONDS = 3.0
DIGEST_BYTES = hashlib.sha256().digest_size


class Folders(NamedTuple):
    """Where kernels are looked for, in this order, and where new ones are put (None: nowhere)."""

    read: tuple[Path, ...]
    written: Path | None


def kept(name: str, key: str, compiled: Callable[[], bytes]) -> bytes:
    """Return a kernel's object code from the cache, where it is put if it is not there.

    Of processes that start together the first one compiles and the others wait for it.

    Args:
        name: the kernel's name, for people.
        key: all that the code depends on.
        compiled: makes the code.
    """
    stem = f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"
    for folder in folders().read:
        if (code := _read(folder / f"{stem}.kernel", key)) is not None:
            return code
    written = folders().written
    if written is None:
        with _announced(f"{name} for this process"):
            return compiled()
    path = written / f"{stem}.kernel"
    with _alone_with(written / f"{stem}.lock"):
        code = _read(path, key)  # another process may have been first
        if code is None:
            with _announced(f"{name} for this machine, kept in {written}"):
                code = compiled()
            _write(path, key, code)
    return code


@functools.cache
def folders() -> Folders:
    """Return the folders of this process; say on stderr if one that was there is passed over."""
    read, written, complaints = [], None, []
    for wanted in _wanted_folders():
        try:
            _make_private(wanted)
            reason = reason_to_distrust(wanted)
        except OSError:  # no home, or one that is read-only
            continue
        if reason:
            complaints.append(f"not in {wanted} ({reason})")
            continue
        read.append(wanted)
        if _can_write(wanted):
            written = wanted
            break
    if complaints:
        place = f"in {written}" if written else "nowhere and compiled each time"
        _say(
            f"compiled kernels are executed and so kept {', '.join(complaints)}, but {place}; set "
            "NUMBA_CACHE_DIR to a folder that only you can write to if that is not what you want"
        )
    return Folders(tuple(read), written)


def _wanted_folders() -> list[Path]:
    """List the folders to try, all absolute."""
    private = Path(tempfile.gettempdir()) / f"toposhape-{os.geteuid()}"
    homes = [os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache")]  # noqa: PTH111
    wanted = [Path(home) / "toposhape" for home in homes if os.path.isabs(home)]  # noqa: PTH117
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        wanted.insert(0, Path(chosen))
    return [Path(os.path.abspath(folder)) for folder in [*wanted, private]]  # noqa: PTH100


def _make_private(folder: Path) -> None:
    """Make a folder, and the parents that are missing, for this user alone."""
    for missing in [p for p in [*reversed(folder.parents), folder] if not p.exists()]:
        missing.mkdir(mode=0o700, exist_ok=True)


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _read(path: Path, key: str) -> bytes | None:
    """Return the code in a file; None if it is not this code, or not safe from others."""
    try:
        with open(path, "rb", opener=_open_untouched) as file:
            content = file.read() if trusted_file(os.fstat(file.fileno())) else b""
    except OSError:
        return None
    digest, code = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return code if digest == _digest(key, code) else None


def _open_untouched(path: str, flags: int) -> int:
    """Open a file that is no link, without waiting for a writer should it be a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _write(path: Path, key: str, code: bytes) -> None:
    """Write the code; a disk that does not take it is no reason to end the computation."""
    try:
        with whole(path) as temporary:
            temporary.touch(mode=0o644)  # whatever the umask: what others can write is not read
            temporary.write_bytes(_digest(key, code) + code)
    except OSError as error:
        _say(f"a compiled kernel could not be kept: {error}")


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + code).digest()


@contextlib.contextmanager
def _alone_with(lock: Path) -> Iterator[None]:
    """Keep other processes from compiling the same.

    On a file system without locks several may, which does no harm.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            file = stack.enter_context(lock.open("a"))
            fcntl.lockf(file, fcntl.LOCK_EX)  # a child does not inherit it
        yield


@contextlib.contextmanager
def _announced(what: str) -> Iterator[None]:
    """Say what is being compiled, should it take longer than `PATIENCE_SECONDS`."""
    timer = threading.Timer(PATIENCE_SECONDS, _say, (f"compiling the kernel {what}",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(text: str) -> None:
    sys.stderr.write(f"toposhape: {text}\n")
