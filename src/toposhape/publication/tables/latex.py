"""A document of tables as LaTeX floats."""

import re
from itertools import zip_longest

from .layout import Document, Entry, Layout, Row

_MOST_UPRIGHT = 6  # columns; wider tables lie on their side
_MOST_BELOW = 8  # notes; more would not fit on a page with their table
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
