"""Folders that one process writes to, and errors that name the file that could not be written."""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

REMEDY = (
    "Make room there, or mend the permissions, and start again: what was finished is kept, and "
    "nothing half-written is taken for whole."
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderInUseError(RuntimeError):
    """Another process writes to the folder."""


@contextmanager
def sole_writer(folder: str | Path, lock: str | Path | None = None) -> Iterator[None]:
    """Hold a folder for this process; the system releases it even after kill -9.

    Args:
        folder: is made if it is not there.
        lock: the file that is locked, `lock` in the folder unless given.

    Raises:
        FolderInUseError: if another process holds it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with Path(lock or folder / "lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.seek(0)
            raise FolderInUseError(
                f"{folder} is in use by process {held.read().strip() or 'unknown'}: "
                "wait until it has ended, or end it"
            ) from error
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Give errors of the system, as that of a full disk, the file's name and what to do."""
    try:
        yield
    except OSError as error:
        _explain(error, str(path))
        raise


def explain_full_disk(error: BaseException, outputs: Iterable[str]) -> None:
    """Give the error of a full disk, if nobody has, the names of what was being written."""
    if isinstance(error, OSError) and error.errno in _FULL:
        _explain(error, " or ".join(outputs))


def _explain(error: OSError, path: str) -> None:
    if error.errno and error.filename is None:
        error.filename = path
    if REMEDY not in getattr(error, "__notes__", ()):
        error.add_note(REMEDY)
