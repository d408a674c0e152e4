"""Split files: which shape belongs to training, validation or test.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

PARTS = ("training", "validation", "test")
LEAST = {"training": 2, "validation": 1, "test": 2}
"""Shapes of each part: interpolations need two ends, scores two shapes."""

_NAMES = {
    "training": "training",
    "train": "training",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}


def read_split_files(
    files: Sequence[str | Path], synset: str | None = None
) -> dict[str, list[str]]:
    """Read the ids of the given parts.

    Two forms are understood: one file ``{"training": [ids], "test": [ids]}`` (``train`` and
    ``val`` are understood too), and DeepSDF's ``{"ShapeNetV2": {"03001627": [ids]}}`` with one
    file for each part, whose name says which: ``sv2_chairs_train.json``.

    Args:
        files: JSON files.
        synset: the category's key in DeepSDF's form; without it all keys count.

    Raises:
        ValueError: for a file of neither form, or an id in two parts.
    """
    parts: dict[str, list[str]] = {}
    for file in map(Path, files):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ValueError(f"split file {file} cannot be read: {error}") from error
        for part, ids in _parts_of(content, file, synset):
            parts.setdefault(part, []).extend(ids)
    return _without_repeats(parts)


def _parts_of(content: Any, file: Path, synset: str | None) -> Iterable[tuple[str, list[str]]]:
    if not isinstance(content, dict):
        raise ValueError(f"split file {file} holds no JSON object: see docs/shapes.md for its form")
    if content and all(key in _NAMES for key in content):
        for key, ids in content.items():
            yield _NAMES[key], _checked(ids, file)
        return
    yield _part_by_name(file), _deepsdf_ids(content, file, synset)


def _deepsdf_ids(content: dict[str, Any], file: Path, synset: str | None) -> list[str]:
    ids: list[str] = []
    for dataset in content.values():
        if not isinstance(dataset, dict):
            raise ValueError(f"split file {file} has neither parts nor DeepSDF's form")
        for key, members in dataset.items():
            if synset is None or key == synset:
                ids += _checked(members, file)
    if not ids:
        raise ValueError(f"split file {file} names no shape of {synset or 'any category'}")
    return ids


def _part_by_name(file: Path) -> str:
    words = file.stem.lower().replace("-", "_").split("_")
    parts = {_NAMES[word] for word in words if word in _NAMES}
    if len(parts) != 1:
        raise ValueError(f"split file {file}: its name must contain one of train, val, test")
    return parts.pop()


def _checked(ids: Any, file: Path) -> list[str]:
    if not isinstance(ids, list) or not all(isinstance(shape, str) and shape for shape in ids):
        raise ValueError(f"split file {file}: a part must be a list of ids")
    for shape in ids:
        try:
            shape.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"split file {file}: the id {shape!r} is no text") from error
    return ids


def _without_repeats(parts: dict[str, list[str]]) -> dict[str, list[str]]:
    owner: dict[str, str] = {}
    for part, ids in parts.items():
        for shape in ids:
            if owner.setdefault(shape, part) != part:
                raise ValueError(
                    f"split files put {shape!r} into {owner[shape]} and {part}: keep it in one"
                )
    return {part: list(dict.fromkeys(ids)) for part, ids in parts.items()}
