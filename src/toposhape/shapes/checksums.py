"""SHA-256 of a folder's files, in a list that `sha256sum --check` understands."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from toposhape.shapes.files import writing

LIST = "SHA256SUMS"


class DamagedFileError(ValueError):
    """A stored file is not what was written; the message says how to make it again."""

    def __init__(self, path: str | Path, what: str) -> None:
        super().__init__(f"{path} is damaged ({what}): delete it, and the next run makes it again")


def sha256(path: str | Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: str | Path, names: Sequence[str]) -> None:
    """List the checksums of some files of a folder, in the folder."""
    folder = Path(folder)
    text = "".join(f"{sha256(folder / name)}  {name}\n" for name in names)
    temporary = folder / f".{LIST}.part"
    with writing(folder / LIST):
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / LIST)


def require_undamaged(path: str | Path) -> None:
    """Compare a file with the list in its folder; without a line there, nothing is compared.

    The whole file is read (about half a second for each gigabyte and processor core that can
    hash in hardware, two seconds otherwise), since a flipped bit changes neither size nor time.

    Raises:
        DamagedFileError: if its checksum is another one.
    """
    path = Path(path)
    listed = path.with_name(LIST)
    if not listed.exists():
        return
    lines = listed.read_text(encoding="utf-8", errors="replace").splitlines()
    expected = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if path.name in expected and sha256(path) != expected[path.name]:
        raise DamagedFileError(path, f"its SHA-256 is another than {listed} says")
