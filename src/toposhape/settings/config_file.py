"""The comments of `config.yaml`: what its keys mean stands in the models, once."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .tree import NAMED, Key, all_keys, as_yaml

COLUMN = 28
"""Where comments begin, if there is room."""
LINE = re.compile(r"(?P<indent> *)(?P<name>[\w-]+):(?P<value>[^#]*?)(?P<comment> *#.*)?")
NAMES = ("categories", "variants", "methods")
"""Sections with names of their own: the first entry is explained, the others' comments stay."""


def with_comments(text: str) -> str:
    """A configuration with every key's meaning beside it, and the keys that it lacks.

    Order, values and lines that are nothing but a comment stay.
    """
    explained = {key.path: key for key in reversed(list(all_keys()))}
    told: set[tuple[str, ...]] = set()
    lines = []
    for line, path in _with_paths(_completed(text)):
        key = explained.get(_anonymous(path))
        if key is not None and key.path not in told:
            told.add(key.path)
            line = _commented(line, key)
        lines.append(line)
    return "\n".join(lines) + "\n"


def missing_keys(given: dict[str, Any]) -> list[Key]:
    """Keys that a configuration leaves out, but for those of categories, variants and methods.

    Of a group that is missing the group alone.
    """
    missing: list[Key] = []
    for key in all_keys():
        known = NAMED in key.path or any(key.path[: len(m.path)] == m.path for m in missing)
        if not known and not _has(given, key.path):
            missing.append(key)
    return missing


def _has(given: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(given, dict):
            return True  # a group that is switched off has no keys
        if name not in given:
            return False
        given = given[name]
    return True


def _completed(text: str) -> str:
    """With the keys that are missing, at their defaults, each at the end of its group.

    A group on one line, `{...}`, stays as it is.
    """
    lines = text.splitlines()
    for key in missing_keys(yaml.safe_load(text)):
        group = key.path[:-1]
        paths = [path for _, path in _with_paths("\n".join(lines))]
        block = [i for i, path in enumerate(paths) if path[: len(group)] == group]
        on_one_line = group and _parts(lines[block[0]])["value"].strip()
        if not key.field.is_required() and not on_one_line:
            end = block[-1] + 1 if group else len(lines)
            lines[end:end] = [2 * len(group) * " " + line for line in _at_default(key)]
    return "\n".join(lines)


def _at_default(key: Key) -> list[str]:
    default = key.field.default
    if not key.is_group:
        return [f"{key.path[-1]}: {as_yaml(default)}"]
    plain = {key.path[-1]: default.model_dump(mode="json")}
    return yaml.safe_dump(plain, sort_keys=False).splitlines()


def _with_paths(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each line, and the path of the key that stands in it; () where none does."""
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if found is None:
            yield line, ()
            continue
        depth = len(found["indent"])
        stack = [(d, name) for d, name in stack if d < depth] + [(depth, found["name"])]
        yield line, tuple(name for _, name in stack)


def _parts(line: str) -> re.Match[str]:
    """Indent, name and value of a line that has a key."""
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"no key stands in the line {line!r}")
    return found


def _anonymous(path: tuple[str, ...]) -> tuple[str, ...]:
    return (path[0], NAMED, *path[2:]) if len(path) > 1 and path[0] in NAMES else path


def _commented(line: str, key: Key) -> str:
    found = _parts(line)
    code = f"{found['indent']}{found['name']}:{found['value']}".rstrip()
    return f"{code.ljust(COLUMN - 2)}  # {key.comment}"
