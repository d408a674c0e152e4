"""A document of tables as Markdown, as one HTML page, and as LaTeX."""

import re
from collections.abc import Iterable
from html import escape
from itertools import zip_longest

from .layout import Document, Entry, Layout, Row
from .table_style import TABLE_STYLE


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


_TEX = str.maketrans(
    {
        "%": r"\%",
        "&": r"\&",
        "_": r"\_",
        "#": r"\#",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "−": "$-$",
        "±": r"$\pm$",
        "×": r"$\times$",
        "Δ": r"$\Delta$",
        "·": r"$\cdot$",
        "→": r"$\to$",
        "↓": r"$\downarrow$",
        "↑": r"$\uparrow$",
        "–": "--",
    }
)


_MOST_UPRIGHT = 6  # columns; wider tables lie on their side
_MOST_BELOW = 8  # notes; more would not fit on a page with their table


def to_latex(document: Document) -> str:
    r"""Floats to be \input; they need the packages booktabs and rotating.

    Notes stand under their table, but before it if they are many, and before several tables.
    """
    notes = "\n".join(rf"{_tex(note)}\par" for note in document.notes)
    first = len(document.tables) > 1 or len(document.notes) > _MOST_BELOW
    before = f"{{\\footnotesize\\setlength{{\\parindent}}{{0pt}}\n{notes}\n}}\n\n" if first else ""
    return before + "\n".join(
        _latex_table(document, table, number, "" if first else notes)
        for number, table in enumerate(document.tables)
    )


def _latex_table(document: Document, table: Layout, number: int, notes: str) -> str:
    title = re.sub(r"^Table \d+: ", "", document.title)  # LaTeX numbers tables itself
    title = f"{title}: {table.title}" if table.title else title
    title = title[:1].upper() + title[1:]
    caption = "" if number else f" {_tex(document.caption)}"
    suffix = f"-{number + 1}" if number else ""
    float_name = "table" if table.width <= _MOST_UPRIGHT else "sidewaystable"
    remarks = any(entry.below for row in table.rows for entry in row.entries if entry)
    between = "\n\\addlinespace\n" if remarks else "\n"
    body = between.join(_latex_row(row, table, i) for i, row in enumerate(table.rows))
    below = f"\\par\\smallskip\\raggedright\\footnotesize\n{notes}\n" if notes else ""
    return rf"""\begin{{{float_name}}}
\centering\small\setlength{{\tabcolsep}}{{4pt}}
\caption{{\textbf{{{_tex(title)}.}}{caption}}}
\label{{tab:{document.name}{suffix}}}
\smallskip
\resizebox{{\ifdim\width>\linewidth\linewidth\else\width\fi}}{{!}}{{%
\begin{{tabular}}{{l{"r" * table.width}}}
\toprule
{_latex_head(table)}
\midrule
{body}
\bottomrule
\end{{tabular}}}}
{below}\end{{{float_name}}}
"""


def _latex_head(table: Layout) -> str:
    columns = " & ".join(_tex(column) for group in table.groups for column in group.columns)
    if not any(group.heading for group in table.groups):
        return rf"{_tex(table.corner)} & {columns} \\"
    groups, rules, first = [], [], 2
    for group in table.groups:
        last = first + len(group.columns) - 1
        groups.append(rf"\multicolumn{{{len(group.columns)}}}{{c}}{{{_tex(group.heading)}}}")
        rules.append(rf"\cmidrule(lr){{{first}-{last}}}")
        first = last + 1
    head = f" & {' & '.join(groups)} \\\\\n{''.join(rules)}\n"
    return head + rf"{_tex(table.corner)} & {columns} \\"


def _latex_row(row: Row, table: Layout, index: int) -> str:
    starts_aside = row.aside and index > 0 and not table.rows[index - 1].aside
    remarks = [entry.below if entry else () for entry in row.entries]
    lines = [" & ".join([_tex(row.label), *map(_latex_entry, row.entries)])]
    lines += [
        " & ".join(["", *(rf"\scriptsize {_tex(text)}" if text else "" for text in line)])
        for line in zip_longest(*remarks, fillvalue="")
    ]
    return ("\\midrule\n" if starts_aside else "") + "\n".join(rf"{line} \\" for line in lines)


def _latex_entry(entry: Entry | None) -> str:
    if entry is None:
        return "--"
    value = rf"\textbf{{{_tex(entry.value)}}}" if entry.best else _tex(entry.value)
    return value + (rf" {{\scriptsize$\pm$ {_tex(entry.deviation)}}}" if entry.deviation else "")


def _tex(text: str) -> str:
    return text.translate(_TEX)
