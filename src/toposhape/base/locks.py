"""Folders that one process writes to."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
