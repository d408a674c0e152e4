"""What commands write: tables for people, JSON for programs, progress in a terminal only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, TypeVar

import typer

EXPECTED = (ValueError, OSError, RuntimeError, KeyError, ImportError, MemoryError)
"""Errors that speak of what was given; others are this program's own."""
WIDE = 200  # columns, where no terminal says how many it has

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to stdout, and nothing else.")]
Item = TypeVar("Item")


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table to stdout; numbers stand to the right, empty columns are left out."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    cells = [[*row] for row in rows]
    used = [i for i in range(len(columns)) if any(row[i] not in ("", None) for row in cells)]
    for i in used:
        numbers = any(isinstance(row[i], int | float) for row in cells)
        table.add_column(columns[i], justify="right" if numbers else "left")
    for row in cells:
        table.add_row(*(Text(as_text(row[i])) for i in used))
    console = _console()
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def show_json(content: Any) -> None:
    """Write JSON to stdout; what is not finite is null."""
    sys.stdout.write(json.dumps(content, indent=1, allow_nan=False) + "\n")


def say(line: str) -> None:
    """Write a line to stdout."""
    typer.echo(line)


def note(line: str) -> None:
    """Write a line to stderr: what is no result."""
    typer.echo(line, err=True)


def tracked(items: Iterable[Item], total: int, title: str) -> Iterator[Item]:
    """Pass items on behind a progress bar on stderr; quiet if that is no terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, title, total, console=Console(stderr=True), transient=True)


def complain(error: Exception) -> None:
    """Tell an error in one line on stderr."""
    text = " ".join(_message(error).split())
    if not isinstance(error, EXPECTED):
        text = f"{type(error).__name__}: {text}; a fault of toposhape: add --traceback after it"
    note(f"toposhape: {text}")


def as_text(value: Any) -> str:
    """A cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _message(error: Exception) -> str:
    notes = " ".join(getattr(error, "__notes__", ()))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the system'}: {error.strerror}. {notes}".rstrip()
    if isinstance(error, KeyError) and error.args:
        return f"{error.args[0]} {notes}".rstrip()
    return f"{error} {notes}".strip() or type(error).__name__


def _console() -> Any:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
