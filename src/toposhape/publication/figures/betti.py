"""Histograms of pieces, handles and cavities: synthetic against test shapes."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from toposhape.evaluation.scores import betti_histogram

from ..colours import INK, TRUTH, colours
from .style import plot_style

LARGEST = 8  # the last bar counts all above, too
NAMES = ("pieces", "handles", "cavities")


def betti_figure(test: NDArray[np.integer], synthetic: Mapping[str, NDArray[np.integer]]) -> Figure:
    """Shares of shapes by Betti number, a row for each method; the test shapes as a grey outline.

    Args:
        test: (n, 3) pieces, handles and cavities of the test shapes.
        synthetic: the same of every method's shapes, any number of them.

    Raises:
        ValueError: if there is no method, or no shape in a set.
    """
    sets = {"test": test, **synthetic}
    if not synthetic or any(len(each) == 0 for each in sets.values()):
        raise ValueError("betti_figure needs test shapes and at least one method with shapes")
    share = {name: betti_histogram(each, LARGEST) / len(each) for name, each in sets.items()}
    colour = colours(list(synthetic))
    with plot_style():
        figure = Figure(figsize=(9.6, 1.25 * len(synthetic) + 0.9), layout="constrained")
        panels = figure.subplots(len(synthetic), 3, squeeze=False, sharex=True, sharey="col")
        for row, method in zip(panels, synthetic, strict=True):
            for kind, axes in enumerate(row):
                _draw(axes, share["test"][kind], share[method][kind], colour[method])
            row[0].set_ylabel(method, rotation=0, ha="right", va="center", color=INK)
        for axes, name in zip(panels[0], NAMES, strict=True):
            axes.set_title(name)
        labels = [*map(str, range(LARGEST)), f"{LARGEST}+"]
        for axes in panels[-1]:
            axes.set_xticks(range(LARGEST + 1), labels)
        outline = Line2D([], [], color=TRUTH, linewidth=1.8, label="test shapes")
        figure.legend(handles=[outline], loc="outside lower center")
    return figure


def _draw(axes: Axes, truth: NDArray[np.integer], made: NDArray[np.integer], colour: str) -> None:
    places = np.arange(LARGEST + 1)
    axes.bar(places, 100 * made, width=0.8, color=colour, alpha=0.75)
    edges = np.arange(LARGEST + 2) - 0.5
    axes.stairs(100 * truth, edges, color=TRUTH, linewidth=1.8, baseline=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f} %")
    axes.grid(False, axis="x")
