"""Ids of shapes, made of whatever their files are called.

An id has one spelling in every file and in every reader's eyes: letters, digits and ``._+-``, at
most 100 of them and a hash; in front no sign that a spreadsheet takes for a formula; as a whole
nothing that a reader of tables takes for a number, a truth value or a missing one.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

LONGEST = 100
_MISREAD = frozenset(("na", "null", "none", "true", "false"))


def safe_id(name: str) -> str:
    """An id made of a relative path without its suffix; other names may get the same one."""
    composed = unicodedata.normalize("NFC", name).replace("/", "--")
    cleaned = "".join(c if c.isalnum() or c in "._+-" else "_" for c in composed)
    shape = cleaned.lstrip(".+-") or "_"
    if shape.lower() in _MISREAD or _is_number(shape):
        shape = f"_{shape}"
    if len(shape) > LONGEST:
        shape = f"{shape[: LONGEST - 17]}-{stable_hash(name):016x}"
    return shape


def unique_ids(stems: Sequence[str], names: Sequence[str]) -> list[str]:
    """Ids of files: by the stem, where files share that, with eight digits of the name's hash.

    Args:
        stems: relative paths without suffix.
        names: relative paths, all different.
    """
    shapes = list(map(safe_id, stems))
    for digits in (8, 16):  # the second time for a file that is called like another one's id
        doubled = _repeated(shapes)
        shapes = [
            f"{shape}-{stable_hash(name):016x}"[: len(shape) + 1 + digits]
            if shape in doubled
            else shape
            for shape, name in zip(shapes, names, strict=True)
        ]
    return shapes


def stable_hash(text: str) -> int:
    """A hash that is the same in every process, of file names in any encoding."""
    content = text.encode(errors="surrogateescape")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())


def is_plain(path: str) -> bool:
    """Whether a path can be written to text files and lines: UTF-8 without control characters."""
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in path)


def escaped(path: str) -> str:
    r"""The path as it can be shown, such as ``St\xfchle.obj`` for bytes that are no UTF-8."""
    shown = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(c if is_plain(c) else f"\\x{ord(c):02x}" for c in shown)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}
