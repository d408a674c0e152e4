"""Files that are there whole or not at all, and folders that one process writes to."""

import os
from pathlib import Path

from toposhape.shapes.checksums import sha256
from toposhape.shapes.files import FolderInUseError, sole_writer, writing

__all__ = ["FolderInUseError", "sha256", "sole_writer", "write_atomically"]


def write_atomically(path: str | Path, content: bytes) -> None:
    """Write a file so that a crash at any moment leaves the old one or the new one.

    Raises:
        OSError: if the system does not take it, with the file's name; the old one stays.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
