"""One page on two sets of shapes: scores with intervals, and pictures of the worst shapes."""

import base64
import html
import io
from collections.abc import Sequence
from string import Template
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toposhape.evaluation.metrics import Metric

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Two sets of shapes</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { text-align: right; padding: .25rem .9rem; border-bottom: 1px solid #dfe3e8; }
th:first-child, td:first-child, td:last-child, th:last-child { text-align: left; }
td:first-child { cursor: help; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; border: 1px solid #dfe3e8; border-radius: 6px; padding: .5rem; }
figcaption { font-size: 13px; max-width: 22rem; overflow-wrap: anywhere; }
figure img { width: 11rem; }
.note { color: #66707d; max-width: 60rem; }
</style>
<h1>B against A</h1>
<ul>
$facts
</ul>
<table>
<thead><tr><th>score</th><th>B against A</th><th>95 % interval</th><th>halves of B and A</th>
<th>halves of A (floor)</th><th>better</th></tr></thead>
<tbody>
$lines
</tbody>
</table>
<p class="note">Point at a score for its definition. Intervals are of drawing other shapes of the
same kind, from halves without replacement. Scores depend on the number of shapes: compare the
floor, one half of A against the other, with the column before it. <em>Near A</em>: values like
the floor are good, less and more are not. Three numbers after a name are pieces, handles and
cavities on the grid.</p>
$groups
</html>
""")
_BETTER = {"lower": "lower", "higher": "higher", "reference": "near A"}


class Line(NamedTuple):
    """A score in plain units; attributes as those of `half_samples.Certainty`."""

    metric: Metric
    value: float
    low: float
    high: float
    halves: float
    floor: float

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """As people read them: title, value, interval, halves, floor, what is better."""
        value, low, high, halves, floor = (
            f"{self.metric.factor * number:.{self.metric.decimals}f}" for number in self[1:]
        )
        title = f"{self.metric.title} [{self.metric.unit}]"
        return title, value, f"{low} to {high}", halves, floor, _BETTER[self.metric.direction]


class Beside(NamedTuple):
    """A shape and the one that is nearest to it, names and pictures uint8 (h, w, 3)."""

    name: str
    nearest: str
    distance: str
    picture: NDArray[np.uint8]
    nearest_picture: NDArray[np.uint8]


class Group(NamedTuple):
    """Shapes under a heading."""

    title: str
    explanation: str
    shapes: Sequence[Beside]


def comparison_page(facts: Sequence[str], lines: Sequence[Line], groups: Sequence[Group]) -> str:
    """HTML that needs no other file and no network.

    Args:
        facts: what was compared, a line each.
        lines: scores in the order of the table.
        groups: worst shapes; empty groups are left out.
    """
    return _PAGE.substitute(
        facts="\n".join(f"<li>{html.escape(fact)}</li>" for fact in facts),
        lines="\n".join(map(_row, lines)),
        groups="\n".join(_section(group) for group in groups if group.shapes),
    )


def _row(line: Line) -> str:
    first, *others = line.cells()
    title = f'<td title="{html.escape(line.metric.definition)}">{html.escape(first)}</td>'
    return f"<tr>{title}{''.join(f'<td>{html.escape(cell)}</td>' for cell in others)}</tr>"


def _section(group: Group) -> str:
    cards = "\n".join(map(_card, group.shapes))
    heading = f"<h2>{html.escape(group.title)}</h2>\n<p>{html.escape(group.explanation)}</p>"
    return f'{heading}\n<div class="cards">\n{cards}\n</div>'


def _card(shape: Beside) -> str:
    images = "".join(
        f'<img alt="{html.escape(name)}" src="{_data_uri(picture)}">'
        for name, picture in (
            (shape.name, shape.picture),
            (shape.nearest, shape.nearest_picture),
        )
    )
    caption = (
        f"<b>{html.escape(shape.name)}</b>, {html.escape(shape.distance)} from "
        f"{html.escape(shape.nearest)}"
    )
    return f"<figure>{images}<figcaption>{caption}</figcaption></figure>"


def _data_uri(picture: NDArray[np.uint8]) -> str:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "WEBP", quality=74, method=4)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
