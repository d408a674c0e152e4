"""One figure for each part of the paper's theory."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from toposhape.theory import PARTS
from toposhape.theory.extrema import DEGREES, expected_count
from toposhape.theory.recovery import SCALES
from toposhape.theory.weights import DECAYS, FAMILIES, MODELS, NOISE

from ..colours import INK, MUTED, PALETTE
from .style import plot_style

Pictures = Mapping[str, NDArray[np.floating]]


def theory_figure(part: str, pictures: Pictures) -> Figure:
    """Draw one part.

    Args:
        part: one of `toposhape.theory.PARTS`.
        pictures: its arrays by name, as its outcome has them.
    """
    with plot_style():
        figure = _DRAWN[part](pictures)
        figure.suptitle(PARTS[part], fontsize=10)
        figure.tight_layout()
        plt.close(figure)
    return figure


def _extrema(pictures: Pictures) -> Figure:
    figure, place = plt.subplots(figsize=(5.2, 3.4))
    place.plot(DEGREES, 2 * np.array(DEGREES), color=INK, label="bound, 2n")
    for (name, counts), tone in zip(pictures.items(), PALETTE, strict=False):
        decay = float(name.split()[-1])
        place.plot(
            DEGREES, counts, "o", color=tone, ms=4, label=f"counted, $s_k = k^{{-{decay:g}}}$"
        )
        expected = [expected_count(n, decay) for n in DEGREES]
        place.plot(DEGREES, expected, "--", lw=1, color=tone)
    place.set(xlabel="degree n", ylabel="critical points, mean (dashed: Rice)")
    place.legend(fontsize=7)
    return figure


def _derivatives(pictures: Pictures) -> Figure:
    figure, place = plt.subplots(figsize=(6.4, 3.2))
    names = list(pictures)
    for row, name in enumerate(names):
        errors = np.maximum(pictures[name], 1e-17)
        jitter = row + np.linspace(-0.3, 0.3, len(errors))
        tone = PALETTE[1] if np.median(errors) > 1e-3 else PALETTE[0]
        place.plot(errors, jitter, ".", ms=1.5, alpha=0.3, color=tone)
    place.set(xscale="log", xlabel="relative error against differences (first factor: size)")
    place.set_yticks(range(len(names)), names, fontsize=7)
    return figure


def _averages(pictures: Pictures) -> Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.2))
    left.plot(pictures["samples"], pictures["h2"], color=PALETTE[1])
    left.set(xscale="log", yscale="log", xlabel="draws", ylabel="mean of squares")
    left.set_title("$h_2$ as printed: no limit", fontsize=8)
    for name, tone in zip(
        ("squared norm of (21)", "mean relative error", "least norm of (20)"), PALETTE, strict=False
    ):
        right.plot(pictures["weights"], pictures[name], "o-", ms=3, color=tone, label=name)
    right.axhline(1, color=MUTED, lw=0.8)
    right.set(xscale="log", yscale="log", xlabel=r"equal weights $\lambda$")
    right.set_title("what (21) hides", fontsize=8)
    right.legend(fontsize=7)
    return figure


def _weights(pictures: Pictures) -> Figure:
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), sharey=True)
    for place, model in zip(axes, MODELS, strict=True):
        for decay, tone in zip(DECAYS, PALETTE, strict=False):
            found = pictures[f"{model}, s_k ~ k^-{decay:g}"]
            k = np.arange(1, len(found) + 1)
            place.plot(k, found, "o", color=tone, label=f"best, $s_k = k^{{-{decay:g}}}$")
            place.plot(k, NOISE**2 * k ** (2 * decay), "--", lw=1, color=tone)
        place.set(xscale="log", yscale="log", xlabel="frequency k")
        place.set_title(model, fontsize=8)
    axes[0].set_ylabel(r"$\mu_k = k^2 \lambda_k$ (dashed: $\tau^2 / s_k^2$)")
    axes[0].legend(fontsize=7)
    return figure


def _recovery(pictures: Pictures) -> Figure:
    figure, axes = plt.subplots(2, len(DECAYS), figsize=(7.8, 4.8), sharex=True, sharey="row")
    for row, where in zip(axes, ("near", "far"), strict=True):
        for place, decay in zip(row, DECAYS, strict=True):
            for name, tone in zip(FAMILIES, PALETTE, strict=False):
                curve = pictures[f"s_k ~ k^-{decay:g}, {where}, {name}"]
                place.plot(SCALES, curve, "o-", ms=3, color=tone, label=name)
            place.set(xscale="log", yscale="log")
            place.set_title(f"{where}, $s_k = k^{{-{decay:g}}}$", fontsize=8)
        row[0].set_ylabel("|found - true|² / |true|²")
    for place in axes[1]:
        place.set_xlabel("cost of the truth")
    axes[0, 0].legend(fontsize=7, title=r"$\lambda_k$", title_fontsize=7)
    return figure


def _stability(pictures: Pictures) -> Figure:
    figure, place = plt.subplots(figsize=(5.6, 3.4))
    names = list(pictures)
    place.violinplot(list(pictures.values()), orientation="horizontal", showmeans=True, widths=0.9)
    place.axvline(1, color=INK, lw=1)
    place.set_yticks(range(1, len(names) + 1), names, fontsize=7)
    place.set(xlabel="bottleneck distance / largest difference")
    return figure


_DRAWN: dict[str, Callable[[Pictures], Figure]] = {
    "extrema": _extrema,
    "derivatives": _derivatives,
    "averages": _averages,
    "weights": _weights,
    "recovery": _recovery,
    "stability": _stability,
}
