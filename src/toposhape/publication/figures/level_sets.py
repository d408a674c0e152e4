"""IGR's figures 2 and 4: equally spaced level sets of learned surfaces, on a plane."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..colours import INK
from .style import plot_style

SPACING = 0.1
"""Between level sets [normalised units]."""
FARTHEST = 0.8


def level_sets_figure(planes: Mapping[str, Mapping[str, NDArray[np.float32]]]) -> Figure:
    """Draw the level sets of every network on the plane x = 0, inside blue, outside red.

    Args:
        planes: by scan and method (R, R) values; rows are y, columns z, of [-1, 1].
    """
    methods = list(next(iter(planes.values())))
    size = (2.1 * len(methods), 2.2 * len(planes))
    with plot_style():
        figure, axes = plt.subplots(len(planes), len(methods), figsize=size, squeeze=False)
        for row, (scan, of) in zip(axes, planes.items(), strict=True):
            row[0].set_ylabel(scan)
            for place, method in zip(row, methods, strict=True):
                draw_level_sets(place, of[method])
        for place, method in zip(axes[0], methods, strict=True):
            place.set_title(method, fontsize=8)
        figure.tight_layout()
        plt.close(figure)
    return figure


def draw_level_sets(place: Axes, values: NDArray[np.floating]) -> None:
    """Draw equally spaced level sets of values (R, R) on [-1, 1]^2, the zero set in ink."""
    axis = np.linspace(-1, 1, len(values))
    levels = np.arange(-FARTHEST, FARTHEST + SPACING / 2, SPACING)
    place.contourf(axis, axis, values, levels, cmap="RdBu_r", extend="both")
    place.contour(axis, axis, values, levels, colors="white", linewidths=0.3)
    place.contour(axis, axis, values, [0.0], colors=INK, linewidths=1.2)
    place.set(aspect="equal", xticks=[], yticks=[])
    place.grid(visible=False)
