"""What stands where in a table, before it becomes Markdown, HTML or LaTeX."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Entry:
    """One place of a table.

    Attributes:
        value: the number or word, ready to be read.
        deviation: its standard deviation, or "".
        below: short remarks under it.
        best: whether it is the best of its column.
    """

    value: str
    deviation: str = ""
    below: tuple[str, ...] = ()
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A labelled line; `aside` lines are no competitors and are set apart."""

    label: str
    entries: tuple[Entry | None, ...]
    aside: bool = False


@dataclass(frozen=True)
class Group:
    """Neighbouring columns under one heading."""

    heading: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """One rectangular table.

    Raises:
        ValueError: if a row has more or fewer entries than there are columns.
    """

    title: str
    corner: str
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.entries) != self.width:
                raise ValueError(
                    f"row {row.label!r} has {len(row.entries)} entries for {self.width} columns"
                )

    @property
    def width(self) -> int:
        """Number of columns beside the labels."""
        return sum(len(group.columns) for group in self.groups)

    def by_group(self) -> list["Layout"]:
        """One narrow table for each group of columns."""
        parts, first = [], 0
        for group in self.groups:
            last = first + len(group.columns)
            rows = tuple(replace(r, entries=r.entries[first:last]) for r in self.rows)
            parts.append(replace(self, title="", groups=(group,), rows=rows))
            first = last
        return parts


@dataclass(frozen=True)
class Document:
    """Tables that are published together.

    Attributes:
        name: of the file, without suffix.
        title: the heading.
        caption: what it shows and how to read it.
        tables: one or several.
        notes: definitions, one sentence each.
    """

    name: str
    title: str
    caption: str
    tables: tuple[Layout, ...]
    notes: tuple[str, ...] = ()


def signed_percent(change: float | None) -> str:
    """A relative change as people read it: 0.123 -> "+12 %"; "" for None."""
    if change is None:
        return ""
    percent = round(100 * change)
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    return f"{sign}{abs(percent)} %"
