"""SHA-256 of a folder's files, in a list that `sha256sum --check` understands."""

import fcntl
import hashlib
import shlex
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from .files import write_atomically

LIST = "SHA256SUMS"


class DamagedFileError(ValueError):
    """A stored file is not what was written; the message says what to type."""

    def __init__(self, path: str | Path, what: str, made_as: str | Path | None = None) -> None:
        """Describe the damage.

        Args:
            path: the damaged file.
            what: is wrong with it.
            made_as: the folder that is made as a whole with it, if it is in one.
        """
        remedy = f"delete it (rm {shlex.quote(str(path))})"
        if made_as:
            remedy = f"delete its folder (rm -r {shlex.quote(str(made_as))})"
        super().__init__(f"{path} is damaged ({what}): {remedy}, and the next run makes it again")


def sha256(path: str | Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(paths: Iterable[str | Path]) -> None:
    """List the checksums of files, and of all files in folders, where these lie.

    Lines of other files stay: several jobs write to one folder, one after the other or at once.
    """
    for folder, group in groupby(sorted(map(Path, paths)), key=lambda path: path.parent):
        made = list(group)
        files = [file for path in made for file in _files(path)]
        digests = {file.relative_to(folder).as_posix(): sha256(file) for file in files}
        with (folder / f".{LIST}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = {
                name: digest
                for name, digest in _read_list(folder).items()
                if (folder / name).exists()
            }
            lines = [f"{digest}  {name}\n" for name, digest in sorted((kept | digests).items())]
            write_atomically(folder / LIST, "".join(lines).encode())


def require_undamaged(path: str | Path) -> None:
    """Compare a file, or all files in a folder, with the list beside it; unless listed, nothing is.

    Whole files are read (about half a second for each gigabyte and processor core that can
    hash in hardware, two seconds otherwise), since a flipped bit changes neither size nor time.

    Raises:
        DamagedFileError: if a checksum is another one, or a file of a folder is missing.
    """
    path = Path(path)
    for name, digest in _read_list(path.parent).items():
        file = path.parent / name
        if name.split("/")[0] != path.name:
            continue
        folder = path if file != path else None
        if folder and not file.exists():
            raise DamagedFileError(file, "it is missing", folder)
        if sha256(file) != digest:
            what = f"its SHA-256 is another than {path.with_name(LIST)} says"
            raise DamagedFileError(file, what, folder)


def _files(path: Path) -> list[Path]:
    return sorted(filter(Path.is_file, path.rglob("*"))) if path.is_dir() else [path]


def _read_list(folder: Path) -> dict[str, str]:
    """Checksums by name, relative to the folder; none if there is no list."""
    path = folder / LIST
    lines = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return {name: digest for digest, _, name in (s.partition("  ") for s in lines.splitlines())}
