"""Files that are there whole or not at all, and errors that name the file that was not written."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REMEDY = (
    "Make room there, or mend the permissions, and start again: what was finished is kept, and "
    "nothing half-written is taken for whole."
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(path: str | Path, temporary: str | Path | None = None) -> Iterator[None]:
    """Give errors of the system, as that of a full disk, the file's name and what to do.

    Args:
        path: is named if the error names nothing, or the file that is written in its place.
        temporary: that file.
    """
    try:
        yield
    except OSError as error:
        if temporary and error.filename == str(temporary):
            error.filename = None
            del error.filename2  # of a renaming; None would be shown
        _explain(error, str(path))
        raise


def require_writable(folder: str | Path) -> None:
    """Ask whether files can be written to a folder, or to where it would be made.

    Raises:
        PermissionError: naming the folder, if they cannot.
    """
    folder = Path(folder).absolute()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(f"nothing can be written to {nearest}")


def explain_full_disk(error: BaseException, outputs: Iterable[str]) -> None:
    """Give the error of a full disk, if nobody has, the names of what was being written."""
    if isinstance(error, OSError) and error.errno in _FULL:
        _explain(error, " or ".join(outputs))


def _explain(error: OSError, path: str) -> None:
    if error.errno and error.filename is None:
        error.filename = path
    if REMEDY not in getattr(error, "__notes__", ()):
        error.add_note(REMEDY)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a file to write in place of `path`; it gets that name when the block ends.

    A crash at any moment leaves the old file or the new one. What a kill leaves besides is hidden,
    has this process's number in its name, and is read by nobody.

    Yields:
        A path in the same folder with the same suffix, for whatever library writes there.

    Raises:
        OSError: if the system does not take it, with the file's name; the old one stays.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        with writing(path, temporary):
            yield temporary
            move_into_place(temporary, path)
    finally:
        with suppress(OSError):  # on a disk that is read-only even removing nothing is an error
            temporary.unlink(missing_ok=True)


def move_into_place(temporary: Path, path: Path) -> None:
    """Give a written file its name when its content is on the disk, and wait for the name too."""
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


def write_atomically(path: str | Path, content: bytes) -> None:
    """Write bytes such that a crash at any moment leaves the old file or the new one.

    Raises:
        OSError: as `whole` does.
    """
    with whole(path) as temporary:
        temporary.write_bytes(content)


def _sync(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
