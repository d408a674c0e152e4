"""Shapes with their barcodes: when pieces, handles and cavities are born and die."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from toposhape.topology.distances.wasserstein import HasPoints

from ..colours import DEGREE_COLOURS, INK
from .style import plot_style

LONGEST_BARS = 24  # of a shape; the shortest are left out
AXIS = {"interior": "inside ← surface → outside", "exterior": "outside ← surface → inside"}


class Example(NamedTuple):
    """A shape's picture, uint8 (h, w, 3), and its diagram."""

    picture: NDArray[np.uint8]
    diagram: HasPoints


def barcodes_figure(rows: Mapping[str, Sequence[Example]], side: str = "interior") -> Figure:
    """Draw shapes and, under each, its bars from birth to death.

    Args:
        rows: by method, equally many examples in all.
        side: `interior` if the solid grows from its innermost core, `exterior` if the space around
            it fills from afar.
    """
    columns = max(len(examples) for examples in rows.values())
    points = [p for row in rows.values() for e in row for p in e.diagram.points]
    times = -np.concatenate([[0.0, 0.05], *(np.ravel(p) for p in points)])
    limits = float(times.min()) - 0.02, float(times.max()) + 0.02
    with plot_style():
        figure = Figure(figsize=(2.0 * columns + 0.8, 3.4 * len(rows) + 0.5), layout="constrained")
        panels = figure.subplots(
            2 * len(rows), columns, squeeze=False, height_ratios=[3, 2] * len(rows)
        )
        for i, (method, examples) in enumerate(rows.items()):
            for above, below, example in zip(*panels[2 * i : 2 * i + 2], examples, strict=True):
                above.imshow(example.picture)
                above.axis("off")
                _draw_bars(below, example.diagram)
                below.set(xlim=limits, yticks=[], xlabel=AXIS[side])
            panels[2 * i, 0].set_title(method, color=INK)
        handles = [
            figure.axes[0].plot([], [], color=colour, linewidth=3, label=name)[0]
            for colour, name in zip(DEGREE_COLOURS, ("pieces", "handles", "cavities"), strict=True)
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _draw_bars(axes: Axes, diagram: HasPoints) -> None:
    """Bars of all degrees, longest last; the dotted line is the surface."""
    bars = [
        (-float(birth), -float(death), colour)
        for points, colour in zip(diagram.points, DEGREE_COLOURS, strict=True)
        for death, birth in np.asarray(points)
    ]
    bars = sorted(bars, key=lambda bar: bar[1] - bar[0])[-LONGEST_BARS:]
    for height, (birth, death, colour) in enumerate(bars):
        axes.plot([birth, death], [height, height], color=colour, linewidth=2)
    axes.set_ylim(-1, max(len(bars), 6))
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.grid(False, axis="y")
