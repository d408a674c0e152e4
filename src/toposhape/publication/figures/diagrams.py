"""Persistence diagrams of test and synthetic shapes in one plane for each degree."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from toposhape.topology.distances.wasserstein import HasPoints

from ..colours import INK, MUTED, TRUTH, colours
from .style import plot_style

_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # hides grid lines behind text
DEGREE_NAMES = ("H0: pieces", "H1: handles", "H2: cavities")


def diagrams_figure(
    test: Sequence[HasPoints], synthetic: Mapping[str, Sequence[HasPoints]]
) -> Figure:
    """Scatter the points of all diagrams of a set: test shapes grey, synthetic ones in colour.

    Args:
        test: diagrams of the test shapes.
        synthetic: diagrams of one set for each method, a row of the figure each.

    Raises:
        ValueError: if there is no method.
    """
    if not synthetic:
        raise ValueError("no synthetic diagrams to draw")
    colour = colours(list(synthetic))
    limits = _limits([test, *synthetic.values()])
    with plot_style():
        height = 2.75 * len(synthetic) + 0.6
        figure = Figure(figsize=(9.6, height), layout="constrained")
        panels = figure.subplots(len(synthetic), 3, squeeze=False, sharex="col", sharey="col")
        for row, (method, diagrams) in zip(panels, synthetic.items(), strict=True):
            for degree, axes in enumerate(row):
                _draw(axes, _points(test, degree), _points(diagrams, degree), colour[method])
                _count(axes, len(_points(test, degree)), len(test), len(_points(diagrams, degree)),
                       len(diagrams), colour[method])  # fmt: skip
                axes.set(xlim=limits[degree], ylim=limits[degree], aspect="equal")
            row[0].set_ylabel(f"{method}\n\nbirth")
        for degree, axes in enumerate(panels[0]):
            axes.set_title(DEGREE_NAMES[degree])
        for axes in panels[-1]:
            axes.set_xlabel("death")
    return figure


def _points(diagrams: Sequence[HasPoints], degree: int) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(d.points[degree], float) for d in diagrams]).reshape(-1, 2)


def _limits(sets: Sequence[Sequence[HasPoints]]) -> list[tuple[float, float]]:
    """A square for each degree that holds all points of all sets, and zero."""
    limits = []
    for degree in range(3):
        values = np.concatenate([[0.0, 0.1]] + [_points(s, degree).ravel() for s in sets])
        margin = 0.06 * np.ptp(values)
        limits.append((values.min() - margin, values.max() + margin))
    return limits


def _draw(axes: Axes, truth: NDArray[np.floating], made: NDArray[np.floating], colour: str) -> None:
    axes.axline((0, 0), slope=1, color=MUTED, linewidth=0.8)
    axes.axhline(0, color=MUTED, linewidth=0.6, linestyle=":")
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=":")
    axes.plot(*truth.T, "o", color=TRUTH, markersize=4, alpha=_alpha(truth), markeredgewidth=0)
    axes.plot(*made.T, "x", color=colour, markersize=4, alpha=_alpha(made), markeredgewidth=1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 6):g}"))


def _alpha(points: NDArray[np.floating]) -> float:
    """Opaque where there are few points, so that dense places show as such."""
    return float(np.clip(5 / np.sqrt(max(len(points), 1)), 0.25, 0.8))


def _count(axes: Axes, true: int, tests: int, made: int, shapes: int, colour: str) -> None:
    """Points per shape in the corner below the diagonal, which is always empty."""
    for line, (text, ink) in enumerate(
        (
            ("points per shape", INK),
            (f"● test {true / max(tests, 1):.1f}", TRUTH),
            (f"× synthetic {made / max(shapes, 1):.1f}", colour),
        )
    ):
        axes.text(0.97, 0.19 - 0.075 * line, text, transform=axes.transAxes, ha="right",
                  va="center", color=ink, fontsize=8, bbox=_PAPER)  # fmt: skip
