"""Which file a split file means by a name.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .ids import safe_id


class NamedShape(NamedTuple):
    """A shape by all the names that a split file may use."""

    shape: str
    """Its id."""
    file: str
    """Path relative to the data folder."""
    stem: str
    """The same without suffix."""


class SplitNames:
    """Finds shapes by file, by file without suffix, by id, and by how an id would be spelled."""

    def __init__(self, shapes: Iterable[NamedShape]) -> None:
        shapes = list(shapes)
        self._by_name = [
            _index((each.file, each) for each in shapes),
            _index((each.stem, each) for each in shapes),
            _index((each.shape, each) for each in shapes),
        ]
        self._by_spelling = [
            _index((safe_id(each.file), each) for each in shapes),
            _index((safe_id(each.stem), each) for each in shapes),
        ]

    def find(self, name: str) -> str | None:
        """The id of the shape that is meant; None if there is no such file.

        Raises:
            ValueError: with the files, if several may be meant.
        """
        spelled = safe_id(name)
        for index, key in [
            *((index, name) for index in self._by_name),
            *((index, spelled) for index in self._by_spelling),
        ]:
            if meant := index.get(key):
                if len(meant) > 1:
                    files = " or ".join(repr(each.file) for each in meant)
                    raise ValueError(
                        f"split files name {name!r}, which may be {files}: write the whole path "
                        "below the data folder, suffix included"
                    )
                return meant[0].shape
        return None


def parts_by_id(
    parts: Mapping[str, Sequence[str]], shape_of: Mapping[str, str]
) -> dict[str, list[str]]:
    """The ids of each part, from the names in split files.

    Raises:
        ValueError: if a shape is in two parts under two names.
    """
    first: dict[str, tuple[str, str]] = {}
    found: dict[str, list[str]] = {}
    for part, names in parts.items():
        for name in names:
            earlier_part, earlier = first.setdefault(shape_of[name], (part, name))
            if earlier_part != part:
                raise ValueError(
                    f"split files put one shape into two parts: {earlier!r} into {earlier_part} "
                    f"and {name!r} into {part}: keep it in one"
                )
        found[part] = list(dict.fromkeys(shape_of[name] for name in names))
    return found


def _index(pairs: Iterable[tuple[str, NamedShape]]) -> dict[str, list[NamedShape]]:
    index: dict[str, list[NamedShape]] = {}
    for key, shape in pairs:
        index.setdefault(key, []).append(shape)
    return index
