"""Imports go one way, as docs/architecture.md says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "toposhape"

KNOWS = {  # each room after those that it may know
    "base": set(),
    "settings": set(),
    "models": set(),
    "shapes": {"base", "settings"},
    "topology": {"base"},
    "learning": {"base", "settings"},
    "run_progress": {"base"},
    "theory": {"base", "topology"},
    "layer_experiments": {"base", "learning", "shapes", "topology"},
    "generators": {"base", "settings", "models", "shapes", "topology", "learning"},
    "evaluation": {"base", "settings", "shapes", "topology", "generators"},
}
KNOWS["publication"] = {*KNOWS} - {"learning", "run_progress"}
KNOWS["jobs"] = {*KNOWS} - {"run_progress"}
KNOWS["cli"] = {*KNOWS}
ENTRY_POINT = PACKAGE / "models" / "__main__.py"  # a program, which calls a job


def imported_rooms(file: Path) -> Iterator[str]:
    """The rooms of the package that a file imports from, wherever in it."""
    package = ["toposhape", *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            names = [[*start, *(node.module or "").split(".")]]
            if names[0] == ["toposhape"] or names[0] == ["toposhape", ""]:
                names = [["toposhape", alias.name] for alias in node.names]
        else:
            continue
        yield from (name[1] for name in names if name[0] == "toposhape" and len(name) > 1)


def test_every_room_has_its_place():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == KNOWS.keys()
    seen: set[str] = set()
    for room, known in KNOWS.items():
        assert known <= seen, f"{room} comes before what it knows"
        seen.add(room)


@pytest.mark.parametrize("room", KNOWS)
def test_a_room_knows_only_rooms_below(room):
    files = [file for file in (PACKAGE / room).rglob("*.py") if file != ENTRY_POINT]
    assert files
    for file in files:
        found = set(imported_rooms(file)) & KNOWS.keys() - {room}
        assert found <= KNOWS[room], f"{file}: {found - KNOWS[room]}"


def test_the_imports_of_a_file_are_found():
    assert set(imported_rooms(PACKAGE / "shapes" / "preparation.py")) == {"settings", "shapes"}
    assert "models" in set(imported_rooms(PACKAGE / "generators" / "families.py"))
    assert "jobs" in set(imported_rooms(ENTRY_POINT))
