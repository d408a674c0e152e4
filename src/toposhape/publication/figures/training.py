"""What training was like: losses and the codes' distribution, a line for each method."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..colours import INK, MUTED, colours
from .style import plot_style

COLUMNS = ("epoch", "learning_rate", "data", "validation", "moment_kl", "eikonal", "variance")
SMOOTHING_EPOCHS = 5


def training_figure(
    histories: Mapping[str, pd.DataFrame], endings: Mapping[str, str] | None = None
) -> Figure:
    """Draw the training curves of several methods side by side.

    Left: the data term on training shapes (thin) and on validation shapes (thick), logarithmic,
    with a dot where training ended and a tick where the learning rate began to fall. Middle: the
    regularisers. Right: mean variance of all codes over the dimensions, which the prior wants to
    be 1, and the part of it that lies within shapes' own posteriors.

    Args:
        histories: `history.csv` by method, in the order of the legend.
        endings: why each training ended, for the legend.

    Raises:
        ValueError: for a history without rows or with missing columns.
    """
    for method, history in histories.items():
        missing = [name for name in COLUMNS if name not in history]
        if missing or history.empty:
            raise ValueError(f"history of {method}: no rows, or columns missing: {missing}")
    colour = colours(list(histories))
    with plot_style():
        figure = Figure(figsize=(11, 3.6 + 0.22 * len(histories)), layout="constrained")
        loss, terms, codes = figure.subplots(1, 3)
        for method, history in histories.items():
            _draw_loss(loss, history, colour[method])
            _draw_terms(terms, history, colour[method])
            _draw_codes(codes, history, colour[method])
        _label(loss, terms, codes)
        figure.legend(
            handles=_legend(histories, endings or {}, colour), loc="outside lower left", ncols=1
        )
    return figure


def _draw_loss(axes: Axes, history: pd.DataFrame, colour: str) -> None:
    smooth = _smoothed(history["data"])
    axes.plot(history["epoch"], smooth, color=colour, linewidth=0.9, alpha=0.75)
    watched = history["validation"] if history["validation"].notna().any() else history["data"]
    watched = _smoothed(watched)
    axes.plot(history["epoch"], watched, color=colour, linewidth=2)
    axes.plot(history["epoch"].iloc[-1], watched.iloc[-1], "o", color=colour, markersize=6)
    rate = history["learning_rate"]
    falling = history["epoch"][rate < rate.max() * (1 - 1e-9)]
    falling = falling[falling > history["epoch"].iloc[int(rate.argmax())]]
    if len(falling):
        at = watched[falling.index[0]]
        axes.plot(falling.iloc[0], at, "|", color=colour, markersize=12, markeredgewidth=1.6)


def _draw_terms(axes: Axes, history: pd.DataFrame, colour: str) -> None:
    axes.plot(history["epoch"], _smoothed(history["moment_kl"]), color=colour)
    if (history["eikonal"] > 0).any():
        axes.plot(history["epoch"], _smoothed(history["eikonal"]), color=colour, linestyle="--")


def _draw_codes(axes: Axes, history: pd.DataFrame, colour: str) -> None:
    axes.plot(history["epoch"], history["variance"], color=colour)
    if "posterior_variance" in history:
        axes.plot(history["epoch"], history["posterior_variance"], color=colour, linestyle=":")


def _label(loss: Axes, terms: Axes, codes: Axes) -> None:
    loss.set(title="Data term", yscale="log", ylabel="mean |f - distance|")
    terms.set(title="Regularisers", yscale="log")
    codes.set(title="Variance of the codes", ylim=(0, max(1.12, codes.get_ylim()[1])))
    for axes in (loss, terms):
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    codes.axhline(1, color=MUTED, linewidth=0.8)
    codes.annotate("prior", (0.005, 1), (0, 3), codes.get_yaxis_transform(), "offset points",
                   ha="left", color=MUTED, fontsize=8)  # fmt: skip
    legends: Sequence[tuple[Axes, Sequence[tuple[str, Literal["-", "--", ":"], float]]]] = (
        (loss, (("validation shapes", "-", 2.2), ("training shapes", "-", 0.9))),
        (terms, (("KL of the codes' moments", "-", 1.6), ("eikonal term", "--", 1.6))),
        (codes, (("all codes", "-", 1.6), ("within a shape", ":", 1.6))),
    )
    for axes, entries in legends:
        lines = [Line2D([], [], color=INK, linestyle=s, linewidth=w) for _, s, w in entries]
        axes.legend(lines, [name for name, _, _ in entries], fontsize=8, loc="best")
        axes.set_xlabel("epoch")


def _legend(
    histories: Mapping[str, pd.DataFrame], endings: Mapping[str, str], colour: Mapping[str, str]
) -> list[Line2D]:
    entries = []
    for method, history in histories.items():
        ending = endings.get(method) or f"{int(history['epoch'].iloc[-1])} epochs"
        entries.append(
            Line2D([], [], color=colour[method], marker="o", label=f"{method}: {ending}")
        )
    return entries


def _smoothed(values: pd.Series) -> pd.Series:
    return values.rolling(SMOOTHING_EPOCHS, min_periods=1, center=True).mean()
