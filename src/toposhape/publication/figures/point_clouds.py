"""Clouds, their ways, and fields of the plane: figures of the ShapeGF chapter."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..colours import INK, PALETTE
from ..pictures.rendering import Camera
from .style import plot_style

Picture = NDArray[np.uint8]
STEPS_SHOWN = 6
DEPTHS = LinearSegmentedColormap.from_list("depths", ["#8fb3cf", PALETTE[0], INK])
"""Of points, from the farthest to the nearest: all dark enough to be seen on white."""


def letters_figure(arrays: Mapping[str, NDArray[np.float32]]) -> Figure:
    """A row for each letter: outline, exact and learned displacement, the way of points.

    Args:
        arrays: as `jobs.letters.run_letters` writes them.
    """
    names = list(dict.fromkeys(key.split("|")[0] for key in arrays if "|" in key))
    first = [key.split("|")[1] for key in arrays if key.startswith(f"{names[0]}|")]
    fields = [key for key in first if key.startswith(("exact", "learned"))]
    steps = _evenly([key for key in first if key.startswith("step")], 4)
    panels = ["cloud", *fields, *steps]
    with plot_style():
        figure, axes = plt.subplots(
            len(names), len(panels), figsize=(1.35 * len(panels), 1.5 * len(names)), squeeze=False
        )
        for row, name in zip(axes, names, strict=True):
            cloud = arrays[f"{name}|cloud"]
            for place, panel in zip(row, panels, strict=True):
                _plane(place)
                place.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
                if panel in fields:
                    place.scatter(*cloud.T, s=0.5, color=PALETTE[1])
                    _arrows(place, arrays["lattice"], arrays[f"{name}|{panel}"])
                else:
                    place.scatter(*arrays[f"{name}|{panel}"].T, s=1, color=INK)
        for place, panel in zip(axes[0], panels, strict=True):
            place.set_title(_title(panel), fontsize=7)
        figure.tight_layout(pad=0.4)
        plt.close(figure)
    return figure


def clouds_figure(rows: Mapping[str, Sequence[NDArray[np.float32] | Picture]]) -> Figure:
    """Rows of clouds (P, 3) and of pictures (h, w, 3), uint8, equally many in each.

    Args:
        rows: by their labels.
    """
    columns = max(map(len, rows.values()))
    with plot_style():
        figure, axes = plt.subplots(
            len(rows), columns, figsize=(1.6 * columns, 1.65 * len(rows)), squeeze=False
        )
        for places, (label, items) in zip(axes, rows.items(), strict=True):
            for place in places:
                _plane(place)
            for place, item in zip(places, items, strict=False):
                _draw(place, item)
            places[0].set_title(label, fontsize=7, loc="left")
        figure.tight_layout(pad=0.4)
        plt.close(figure)
    return figure


def steps_figure(rows: Sequence[Mapping[str, NDArray[np.float32]]]) -> Figure:
    """The way of points, a row for each shape: clouds (P, 3) by their level of noise."""
    shown = _evenly(list(rows[0]), STEPS_SHOWN)
    with plot_style():
        figure, axes = plt.subplots(
            len(rows), len(shown), figsize=(1.6 * len(shown), 1.65 * len(rows)), squeeze=False
        )
        for places, steps in zip(axes, rows, strict=True):
            for place, name in zip(places, shown, strict=True):
                _plane(place)
                _draw(place, steps[name], half_width=1.2)
        for place, name in zip(axes[0], shown, strict=True):
            place.set_title(_title(f"step {name}"), fontsize=7)
        figure.tight_layout(pad=0.4)
        plt.close(figure)
    return figure


def steps_animation(rows: Sequence[Mapping[str, NDArray[np.float32]]]) -> list[Picture]:
    """The same as a film: a frame for each level of noise, the shapes side by side.

    Returns:
        (h, w, 3) each.
    """
    return [_frame([steps[name] for steps in rows], _title(f"step {name}")) for name in rows[0]]


def _frame(clouds: Sequence[NDArray[np.float32]], title: str) -> Picture:
    with plot_style():
        figure = Figure(figsize=(2.4 * len(clouds), 2.6), dpi=100)
        canvas = FigureCanvasAgg(figure)
        places = figure.subplots(1, len(clouds), squeeze=False)[0]
        for place, cloud in zip(places, clouds, strict=True):
            _plane(place)
            _draw(place, cloud, half_width=1.2, size=6)
        figure.suptitle(title, fontsize=9, x=0.03, ha="left")
        figure.subplots_adjust(0, 0, 1, 0.92, 0, 0)
        canvas.draw()
        return np.array(canvas.buffer_rgba())[..., :3]


def seen(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points (P, 3) as the pictures' camera sees them, the farthest first: right, up, depth."""
    _, directions = Camera().frame()
    turned = points @ directions.T
    return turned[np.argsort(turned[:, 2])]


def _draw(place: Axes, item: NDArray[Any], half_width: float = 0.95, size: float = 3.5) -> None:
    """A picture, or a cloud in dots of that area [square points], near ones before far ones."""
    if item.dtype == np.uint8:
        place.imshow(item)
        return
    turned = seen(item)
    place.scatter(turned[:, 0], turned[:, 1], s=size, c=turned[:, 2], cmap=DEPTHS, linewidths=0)
    place.set(xlim=(-half_width, half_width), ylim=(-half_width, half_width))


def _arrows(place: Axes, lattice: NDArray[np.float32], displacements: NDArray[np.float32]) -> None:
    lengths = np.linalg.norm(displacements, axis=1)
    place.quiver(
        *lattice.T, *displacements.T, lengths,
        cmap="viridis", angles="xy", scale_units="xy", scale=4, width=0.006,
    )  # fmt: skip


def _plane(place: Axes) -> None:
    place.set_axis_off()
    place.set_aspect("equal")


def _title(panel: str) -> str:
    kind, _, level = panel.partition(" ")
    if kind != "step":
        return f"{kind}, s = {level}" if level else "outline"
    return {"start": "start", "0": "result"}.get(level, f"s = {level}")


def _evenly(names: list[str], count: int) -> list[str]:
    """So many of the names, evenly spread, first and last among them."""
    places = np.unique(np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int))
    return [names[i] for i in places]
