"""Before and after, for each experiment of the TopologyLayer paper."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..colours import INK, PALETTE
from .style import plot_style

LARGEST = 4
"""Panels of a row at most."""
WORDS = {
    "H0 up": "PD0 raised", "H0 down": "PD0 lowered",
    "H1 up": "PD1 raised", "H1 down": "PD1 lowered",
    "H1 up, H0 down": "PD1 raised, PD0 lowered", "H1 up, smooth": "PD1 raised, gradient smoothed",
    "chair H0 up": "chair, PD0 raised", "chair H0 down": "chair, PD0 lowered",
    "MLP": "changed until a network of pixels is wrong (MLP)",
    "CNN": "the same, convolutions (CNN)",
    "topological": "the same, a network of diagrams",
    "chairs": "training shapes", "baseline": "before the topology loss (baseline)",
    "codes": "codes changed by the topology loss, generator kept",
    "topology": "generator changed by the topology loss",
    "longer": "the same, four times as many steps",
    "diagram discriminator": "generator changed by a discriminator of diagrams",
    "trained on": "more batches without topology instead",
    "baseline, line": "from code to code, before", "topology, line": "from code to code, after",
    "rings": "images with clear rings", "rings away": "their codes changed until rings go",
    "mapped": "what the convolutions make of them",
}  # fmt: skip
"""What a panel is called where the name of its numbers says too little."""


def pictures_figure(title: str, pictures: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Draw the arrays that an experiment left, each with its name.

    Args:
        title: over all.
        pictures: points ``(n, 2)`` or ``(n, 3)``, curves ``(n,)``, images ``(H, W)``, rows of
            images ``(k, H, W)``.  What is called "... PD1" is a diagram, points (low, high); curves
            are lengths of bars.
    """
    rows_of_images = all(array.ndim == 3 for array in pictures.values())
    lines = len(pictures) if rows_of_images else -(-len(pictures) // LARGEST)
    columns = -(-len(pictures) // lines)
    size = (7.5, 0.95 * lines + 0.5) if rows_of_images else (2.0 * columns, 2.15 * lines + 0.4)
    with plot_style():
        figure, axes = plt.subplots(lines, columns, figsize=size, squeeze=False)
        for place in axes.flat:
            place.set_axis_off()
        for place, (name, array) in zip(axes.flat, pictures.items(), strict=False):
            place.set_title(WORDS.get(name, name), fontsize=8)
            if name.endswith("PD1"):
                _draw_diagram(place, array)
            else:
                _draw(place, array)
        figure.suptitle(title, fontsize=10)
        figure.tight_layout()
        plt.close(figure)
    return figure


def errors_figure(title: str, numbers: pd.DataFrame) -> Figure:
    """Draw errors of regressions by number of samples, a panel for each kind of coefficients.

    Args:
        title: over all.
        numbers: of one experiment, names like ``"sawtooth, n 45, TV"``; mean and range of seeds.
    """
    parts = numbers["name"].str.extract(r"^(?P<kind>.+), n (?P<n>\d+), (?P<penalty>[^,]+)$")
    lines = numbers.join(parts).dropna().astype({"n": int})
    kinds, penalties = lines["kind"].unique(), list(lines["penalty"].unique())
    tone = dict(zip(penalties, PALETTE, strict=False))
    with plot_style():
        figure, axes = plt.subplots(1, len(kinds), figsize=(3.7 * len(kinds), 3), squeeze=False)
        for place, kind in zip(axes[0], kinds, strict=True):
            for penalty in penalties:
                chosen = lines[(lines["kind"] == kind) & (lines["penalty"] == penalty)]
                values = chosen.groupby("n")["value"].agg(["mean", "min", "max"])
                place.plot(values.index, values["mean"], "o-", color=tone[penalty], label=penalty)
                ends = values["min"], values["max"]
                place.fill_between(values.index, *ends, color=tone[penalty], alpha=0.15)
            place.set(title=kind, yscale="log", xlabel="samples", ylabel="|found - true|²")
        axes[0, -1].legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
        figure.suptitle(title, fontsize=10)
        figure.tight_layout()
        plt.close(figure)
    return figure


def _draw_diagram(place: Axes, points: NDArray[np.floating]) -> None:
    """Draw points (low, high) above the diagonal."""
    most = points.max(initial=1.0) * 1.05
    place.plot([0, most], [0, most], color=INK, linewidth=0.5)
    place.scatter(points[:, 0], points[:, 1], s=9, color=INK, clip_on=False, zorder=3)
    _label(place, "lower value", "upper value")
    place.set(xlim=(0, most), ylim=(0, most))
    place.set_aspect("equal")


def _label(place: Axes, across: str, up: str) -> None:
    """Show and name the axes of a small panel."""
    place.set_axis_on()
    place.set_xlabel(across, fontsize=7)
    place.set_ylabel(up, fontsize=7)
    place.tick_params(labelsize=6)


def _draw(place: Axes, array: NDArray[np.floating]) -> None:
    """Draw one array by its shape."""
    if array.ndim == 3:
        array = np.concatenate(list(array), axis=1)
    if array.ndim == 1:
        place.plot(np.arange(1, len(array) + 1), array, color=INK)
        _label(place, "bar, from the longest", "length")
    elif array.shape[1] == 2:
        place.scatter(array[:, 0], array[:, 1], s=4, color=INK)
        place.set_aspect("equal")
    elif array.shape[1] == 3:
        turned = array @ np.array([[0.87, -0.2], [-0.5, -0.35], [0.0, 0.92]])
        place.scatter(turned[:, 0], turned[:, 1], s=4, c=array[:, 1], cmap="viridis")
        place.set_aspect("equal")
    else:
        place.imshow(array, cmap="gray", vmin=0, vmax=1)
