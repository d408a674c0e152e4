"""A document of tables as Markdown and as one HTML page."""

from collections.abc import Iterable
from html import escape

from .layout import Document, Entry, Layout, Row
from .style import TABLE_STYLE


def to_markdown(document: Document) -> str:
    """GitHub's Markdown; the best of a column is bold."""
    parts = [f"# {document.title}", document.caption]
    for table in document.tables:
        if table.title:
            parts.append(f"## {table.title}")
        parts.append(_markdown_table(table))
    parts.append("\n".join(f"- {note}" for note in document.notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_table(table: Layout) -> str:
    heads = [f"{g.heading} {c}".strip() for g in table.groups for c in g.columns]
    lines = [[table.corner, *heads], ["---"] + ["---:"] * table.width]
    lines += [[row.label, *map(_markdown_entry, row.entries)] for row in table.rows]
    return "\n".join("| " + " | ".join(_no_bars(line)) + " |" for line in lines)


def _no_bars(texts: Iterable[str]) -> list[str]:
    return [text.replace("|", "\\|") for text in texts]


def _markdown_entry(entry: Entry | None) -> str:
    if entry is None:
        return ""
    value = f"**{entry.value}**" if entry.best else entry.value
    deviation = f" ± {entry.deviation}" if entry.deviation else ""
    below = f" ({'; '.join(entry.below)})" if entry.below else ""
    return value + deviation + below


def to_html(document: Document) -> str:
    """One page without any other file; on a narrow screen every group is a table of its own."""
    body = "\n".join(_html_of(table) for table in document.tables)
    notes = "".join(f"<li>{escape(note)}</li>\n" for note in document.notes)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(document.title)}</title>
<style>
{TABLE_STYLE}</style>
</head>
<body>
<h1>{escape(document.title)}</h1>
<p class="caption">{escape(document.caption)}</p>
{body}
<ul class="notes">
{notes}</ul>
</body>
</html>
"""


def _html_of(table: Layout) -> str:
    title = f"<h2>{escape(table.title)}</h2>\n" if table.title else ""
    if len(table.groups) == 1:
        return f"{title}<div class='scroll'>{_html_table(table)}</div>"
    narrow = "\n".join(_html_table(part) for part in table.by_group())
    return (
        f"{title}<div class='wide scroll'>{_html_table(table)}</div>\n"
        f"<div class='narrow'>{narrow}</div>"
    )


def _html_table(table: Layout) -> str:
    rows = "\n".join(_html_row(row) for row in table.rows)
    columns = "".join(_html_heads(group.columns) for group in table.groups)
    corner = escape(table.corner)
    if not any(group.heading for group in table.groups):
        head = f"<tr><th>{corner}</th>{columns}</tr>"
    else:
        groups = "".join(
            f"<th class='group' colspan='{len(g.columns)}'>{escape(g.heading)}</th>"
            for g in table.groups
        )
        head = f"<tr><th rowspan='2'>{corner}</th>{groups}</tr>\n<tr>{columns}</tr>"
    return f"<table>\n<thead>\n{head}\n</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _html_heads(columns: Iterable[str]) -> str:
    first, *others = map(escape, columns)
    return f"<th class='first'>{first}</th>" + "".join(f"<th>{name}</th>" for name in others)


def _html_row(row: Row) -> str:
    cells = "".join(_html_entry(entry) for entry in row.entries)
    kind = " class='aside'" if row.aside else ""
    return f"<tr{kind}><th scope='row'>{escape(row.label)}</th>{cells}</tr>"


def _html_entry(entry: Entry | None) -> str:
    if entry is None:
        return "<td class='none'>–</td>"
    value = f"<b>{escape(entry.value)}</b>" if entry.best else escape(entry.value)
    deviation = f"<span class='sd'> ± {escape(entry.deviation)}</span>" if entry.deviation else ""
    below = "".join(f"<div class='below'>{escape(text)}</div>" for text in entry.below)
    return f"<td><div class='value'>{value}{deviation}</div>{below}</td>"
