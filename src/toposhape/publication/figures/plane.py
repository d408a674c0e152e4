"""Plane reproduction and the geometric initialisation, in eight panels."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from toposhape.generators.scans.descents import BETWEEN, DIMENSIONS, NOISE, SHOWN, WEIGHTS
from toposhape.generators.scans.initial_spheres import FARTHEST, NETWORKS, WANTED
from toposhape.generators.scans.known_surfaces import RADIUS, STARTS, SURFACES
from toposhape.generators.scans.linear import LinearModel

from ..colours import INK, MUTED, PALETTE
from ..tables.plane import STARTED
from .level_sets import draw_level_sets
from .style import plot_style

Pictures = Mapping[str, NDArray[np.floating]]


def plane_figure(pictures: Pictures) -> Figure:
    """Draw what `toposhape.jobs.plane.reproduce_plane` writes."""
    with plot_style():
        figure, axes = plt.subplots(2, 4, figsize=(12.4, 6.4))
        _landscape(axes[0, 0], pictures)
        _distances(axes[0, 1], pictures["away"])
        _heights(axes[0, 2], pictures["heights"])
        _radii(axes[0, 3], pictures)
        names = [(surface, start) for surface in SURFACES for start in STARTS]
        for place, (surface, start) in zip(axes[1], names, strict=True):
            _slice(place, surface, start, pictures[f"{surface} from {start}"])
        figure.tight_layout()
        plt.close(figure)
    return figure


def _landscape(place: Axes, pictures: Pictures) -> None:
    model = LinearModel(pictures["points"], SHOWN["weight"])
    axis = np.linspace(-2, 2, 201)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    levels = np.geomspace(0.02, 60, 14)
    place.contour(axis, axis, model.loss(grid), levels, colors=MUTED, linewidths=0.4)
    for path in pictures["paths"].swapaxes(0, 1):
        place.plot(*path.T, color=PALETTE[0], lw=0.6, alpha=0.7)
        place.plot(*path[0], ".", color=PALETTE[0], ms=3)
    kinds = pictures["curvatures"] > 0
    for least, marker, label in ((True, "*", "minima"), (False, "x", "saddles, maximum")):
        chosen = pictures["critical"][kinds == least]
        place.plot(*chosen.T, marker, color=PALETTE[1], ms=9, mew=1.5, label=label, zorder=4)
    place.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2)
    place.set(xlim=(-2, 2), ylim=(-2, 2), aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
    place.set_title("Theorem 1: descent on (5)")


def _distances(place: Axes, away: NDArray[np.floating]) -> None:
    steps = BETWEEN * np.arange(away.shape[1])
    settings = [(d, noise) for d in DIMENSIONS for noise in NOISE for _ in WEIGHTS]
    for (d, noise), curve in zip(settings, away, strict=True):
        tone = PALETTE[DIMENSIONS.index(d)]
        style = ("-", "--", ":")[NOISE.index(noise)]
        place.plot(steps, np.maximum(curve, 1e-16), style, color=tone, lw=1)
    for tone, d in zip(PALETTE, DIMENSIONS, strict=False):
        place.plot([], [], color=tone, label=f"d = {d}")
    for style, noise in zip(("-", "--", ":"), NOISE, strict=True):
        place.plot([], [], style, color=INK, label=f"noise {noise:g}")
    place.legend(fontsize=7)
    place.set(yscale="log", ylim=(1e-16, 10), xlabel="step", ylabel="farthest of 40 starts")
    place.set_title("Theorem 2: to a minimum")


def _heights(place: Axes, heights: NDArray[np.floating]) -> None:
    steps = BETWEEN * np.arange(len(heights))
    place.plot(steps, np.maximum(heights, 1e-17), color=PALETTE[2], lw=0.6, alpha=0.7)
    place.set(yscale="log", xlabel="step", ylabel="$|q - n|^2 / (1 + |q|^2)$", ylim=(1e-17, 10))
    place.set_title("Theorem 3: Liapunov function")


def _radii(place: Axes, pictures: Pictures) -> None:
    for row, name in enumerate(NETWORKS):
        for shift, kind in ((-0.18, "formula"), (0.18, "calibrated")):
            tone = PALETTE[1 if kind == "formula" else 0]
            radii = pictures[f"radii {name}, {kind}"]
            known = radii[np.isfinite(radii)]
            if len(known) < len(radii) / 2:
                place.text(0.05, row + shift, "no zero", color=tone, fontsize=7, va="center")
                continue
            low, middle, high = np.percentile(known, [5, 50, 95])
            label = kind if row == 0 else None
            place.plot([low, high], [row + shift] * 2, color=tone, lw=2, label=label)
            place.plot(middle, row + shift, "o", color=tone, ms=4)
    place.axvline(WANTED, color=INK, lw=0.8)
    place.set_yticks(range(len(NETWORKS)), NETWORKS, fontsize=7)
    place.invert_yaxis()
    place.set(xlim=(0, FARTHEST / 2), xlabel="radius, 5, 50, 95 % of directions")
    place.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    place.set_title("Initial sphere")


def _slice(place: Axes, surface: str, start: str, values: NDArray[np.floating]) -> None:
    draw_level_sets(place, values)
    if surface == "plane":
        place.axhline(0, color=PALETTE[4], lw=1, ls="--")
    else:
        place.add_patch(Circle((0, 0), RADIUS, fill=False, color=PALETTE[4], lw=1, ls="--"))
    place.set_title(f"{surface.capitalize()}, {STARTED[start]}")
