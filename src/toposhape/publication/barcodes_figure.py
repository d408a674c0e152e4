"""Shapes with their barcodes: when pieces, handles and cavities are born and die."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toposhape.topology.distances import HasPoints

from .samples_figure import Mesh, picture
from .style import INK, PALETTE, plot_style

DEGREE_COLOURS = PALETTE[:3]
LONGEST_BARS = 24  # of a shape; the shortest are left out


class Example(NamedTuple):
    """A shape and its diagram."""

    mesh: Mesh
    diagram: HasPoints


def barcodes_figure(rows: Mapping[str, Sequence[Example]], pixels: int = 320) -> Figure:
    """Draw shapes and, under each, its bars from birth (deep inside) to death.

    Args:
        rows: by method, equally many examples in all.
        pixels: of a picture.
    """
    columns = max(len(examples) for examples in rows.values())
    ends = [e.diagram.points[k] for row in rows.values() for e in row for k in range(3)]
    values = np.concatenate([[0.0, 0.05], *(np.asarray(p).ravel() for p in ends)])
    limits = float(values.max()) + 0.02, float(values.min()) - 0.02
    with plot_style():
        figure = Figure(figsize=(2.0 * columns + 0.8, 3.4 * len(rows) + 0.5), layout="constrained")
        panels = figure.subplots(
            2 * len(rows), columns, squeeze=False, height_ratios=[3, 2] * len(rows)
        )
        for i, (method, examples) in enumerate(rows.items()):
            for j, example in enumerate(examples):
                above, below = panels[2 * i, j], panels[2 * i + 1, j]
                above.imshow(picture(example.mesh, pixels))
                above.axis("off")
                _draw_bars(below, example.diagram)
                below.set(xlim=limits, yticks=[])
                if i == len(rows) - 1:
                    below.set_xlabel("depth inside")
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
        (float(birth), float(death), colour)
        for points, colour in zip(diagram.points, DEGREE_COLOURS, strict=True)
        for death, birth in np.asarray(points)
    ]
    bars = sorted(bars, key=lambda bar: bar[0] - bar[1])[-LONGEST_BARS:]
    for height, (birth, death, colour) in enumerate(bars):
        axes.plot([birth, death], [height, height], color=colour, linewidth=2)
    axes.set_ylim(-1, max(len(bars), 6))
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.grid(False, axis="y")
