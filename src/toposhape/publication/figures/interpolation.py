"""Shapes on the way from a source to a target, with their diagrams: figure 2."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from toposhape.topology.distances.wasserstein import HasPoints

from ..colours import DEGREE_COLOURS, INK, LOOSE, MUTED
from .diagrams import DEGREE_NAMES
from .style import plot_style

MARKERS = ("o", "s", "^")
LASTING = 0.2  # share of the largest persistence from which on a point must lie in the plane


class Step(NamedTuple):
    """A shape on the way.

    Attributes:
        picture: uint8 (h, w, 3).
        diagram: of its field.
        pieces: connected pieces of the solid.
        handles: of the solid.
        generated: what the diagram generator makes of its code, if the method has one.
    """

    picture: NDArray[np.uint8]
    diagram: HasPoints
    pieces: int
    handles: int
    generated: HasPoints | None = None


def interpolation_figure(rows: Mapping[str, Sequence[Step]]) -> Figure:
    """Draw a row of shapes for each method and the diagram of every shape below it.

    Args:
        rows: label of each method and its steps from source to target, equally many.

    Raises:
        ValueError: if there are no steps, or not equally many.
    """
    lengths = {len(steps) for steps in rows.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"every row needs the same number of steps, not {sorted(lengths)}")
    columns = lengths.pop()
    limits = _limits([step for steps in rows.values() for step in steps])
    with plot_style():
        figure = Figure(figsize=(0.7 + 1.85 * columns, 4.0 * len(rows) + 0.5), layout="constrained")
        for part, (label, steps) in zip(_parts(figure, len(rows)), rows.items(), strict=True):
            panels = part.subplots(2, columns, squeeze=False, height_ratios=(1, 0.95))
            for column, (above, below, step) in enumerate(zip(*panels, steps, strict=True)):
                _draw_shape(above, step)
                _draw_diagram(below, step, limits)
                below.tick_params(labelleft=column == 0)
            panels[0, 0].set_title("source", loc="center")
            panels[0, -1].set_title("target", loc="center")
            panels[0, 0].set_ylabel(label, fontsize=13, fontweight="bold", color=INK)
            panels[1, 0].set_ylabel("birth")
            panels[1, 0].set_xlabel("death")
        figure.legend(handles=_legend(rows), loc="outside lower center", ncols=6, fontsize=11)
    return figure


def _parts(figure: Figure, count: int) -> Sequence[SubFigure]:
    return list(figure.subfigures(count, 1, squeeze=False)[:, 0])


def _draw_shape(axes: Axes, step: Step) -> None:
    axes.imshow(step.picture, interpolation="lanczos")
    axes.set(xticks=(), yticks=())
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    pieces = f"{step.pieces} piece{'s' * (step.pieces != 1)}"
    handles = f"{step.handles} handle{'s' * (step.handles != 1)}"
    axes.text(
        0.5, 0.0, f"{pieces}, {handles}", transform=axes.transAxes, ha="center", va="top",
        fontsize=10, color=INK if step.pieces == 1 else LOOSE,
    )  # fmt: skip


def _draw_diagram(axes: Axes, step: Step, limits: tuple[float, float]) -> None:
    axes.axline((0, 0), slope=1, color=MUTED, linewidth=0.8)
    axes.axhline(0, color=MUTED, linewidth=0.6, linestyle=":")
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=":")
    for degree, (marker, colour) in enumerate(zip(MARKERS, DEGREE_COLOURS, strict=True)):
        found = np.asarray(step.diagram.points[degree], float)
        axes.plot(*found.T, marker, color=colour, markersize=4.5, alpha=0.8, markeredgewidth=0)
        if step.generated is not None:
            wanted = np.asarray(step.generated.points[degree], float)
            axes.plot(*wanted.T, marker, markerfacecolor="none", color=colour, markersize=8.5,
                      markeredgewidth=1.1)  # fmt: skip
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))


def _limits(steps: Sequence[Step]) -> tuple[float, float]:
    """A square for zero, lasting and generated points; brief ones deep inside may be left out."""
    points = np.concatenate([p for step in steps for p in step.diagram.points])
    persistence = np.ptp(points, axis=1)
    lasting = points[persistence >= LASTING * persistence.max(initial=0)]
    generated = [p.ravel() for step in steps if step.generated for p in step.generated.points]
    values = np.concatenate([[0.0, 0.1], lasting.ravel(), *generated])
    margin = 0.06 * np.ptp(values)
    return float(values.min() - margin), float(values.max() + margin)


def _legend(rows: Mapping[str, Sequence[Step]]) -> list[Line2D]:
    entries = [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=name)
        for name, marker, colour in zip(DEGREE_NAMES, MARKERS, DEGREE_COLOURS, strict=True)
    ]
    shape: dict[str, Any] = {"color": INK, "marker": "o", "linestyle": ""}
    entries.append(Line2D([], [], **shape, markersize=4.5, label="of the shape above"))
    if any(step.generated is not None for steps in rows.values() for step in steps):
        entries.append(
            Line2D(
                [],
                [],
                **shape,
                markersize=8.5,
                markerfacecolor="none",
                label="of the diagram generator",
            )
        )
    return entries
