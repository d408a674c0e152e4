"""Maps of the latent space: where training shapes and synthetic codes lie, and their handles."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..colours import MUTED
from .style import plot_style

MOST_HANDLES = 6  # the colour scale ends here


class LatentMap(NamedTuple):
    """What one map shows.

    Attributes:
        means: (n, d) posterior means of the training shapes.
        handles: (n,) handles of the training shapes.
        codes: (m, d) synthetic codes.
        made: (m,) handles of the shapes that the generator makes of them.
    """

    means: NDArray[np.floating]
    handles: NDArray[np.integer]
    codes: NDArray[np.floating]
    made: NDArray[np.integer]


def latents_figure(maps: Mapping[str, LatentMap]) -> Figure:
    """Draw codes in the plane in which the training shapes' codes vary most (their first two PCs).

    Left of each pair: training shapes; right: synthetic ones. Colour: number of handles. Circles:
    one and two standard deviations of the prior.

    Args:
        maps: by method.
    """
    with plot_style():
        figure = Figure(figsize=(7.6, 3.7 * len(maps)), layout="constrained")
        panels = figure.subplots(len(maps), 2, squeeze=False, sharex=True, sharey=True)
        for row, (method, each) in zip(panels, maps.items(), strict=True):
            axes_of_plane = _plane(each.means)
            for axes, points, handles, what in (
                (row[0], each.means, each.handles, "training shapes"),
                (row[1], each.codes, each.made, "synthetic shapes"),
            ):
                for radius in (1, 2):
                    angle = np.linspace(0, 2 * np.pi, 100)
                    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
                    axes.plot(*circle, color=MUTED, linewidth=0.8, linestyle=":")
                shown = axes.scatter(
                    *(points @ axes_of_plane).T, c=np.minimum(handles, MOST_HANDLES), s=18,
                    cmap="viridis", vmin=0, vmax=MOST_HANDLES, edgecolors="white", linewidths=0.4,
                )  # fmt: skip
                axes.set(title=f"{method}: {what}", aspect="equal")
        for axes in panels[-1]:
            axes.set_xlabel("first principal direction of the codes")
        for axes in panels[:, 0]:
            axes.set_ylabel("second principal direction")
        bar = figure.colorbar(shown, ax=panels, shrink=0.6, ticks=range(MOST_HANDLES + 1))
        bar.ax.set_yticklabels([*map(str, range(MOST_HANDLES)), f"{MOST_HANDLES}+"])
        bar.set_label("handles")
    return figure


def _plane(means: NDArray[np.floating]) -> NDArray[np.floating]:
    """The two directions of largest variance, (d, 2); signs so that the largest entry is positive.

    A code of one number gets a second, constant coordinate.
    """
    centred = means - means.mean(axis=0)
    _, _, rows = np.linalg.svd(centred, full_matrices=True)
    plane = np.zeros((means.shape[1], 2))
    for column, row in enumerate(rows[:2]):
        plane[:, column] = row * np.sign(row[np.abs(row).argmax()])
    return plane
