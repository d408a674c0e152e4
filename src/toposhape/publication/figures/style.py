"""One look for all plots: fonts, sizes, colours that colour-blind people can tell apart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from toposhape.base.files import whole

INK = "#1c2430"
MUTED = "#66707d"
GRID = "#dfe3e8"
TRUTH = "#8a929c"

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#4d4d4d")
"""Okabe and Ito's colours, two of their light ones replaced by dark ones for thin lines."""

DEGREE_COLOURS = PALETTE[:3]
"""Of pieces, handles and cavities: the same in all figures and in the gallery."""

CLAY = (0.56, 0.63, 0.74)
"""Colour of shapes: display red, green and blue between 0 and 1."""

LOOSE = (0.85, 0.24, 0.16)
"""Colour of pieces that hang together with nothing."""

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "pdf.fonttype": 42,
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib's settings within a `with` block."""
    with mpl.rc_context(_SETTINGS):
        yield


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for every name, in order; they repeat after eight."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}


def save_figure(figure: Figure, png: str | Path, pdf: str | Path) -> None:
    """Write a plot as PNG (160 pixels per inch) and PDF, the same bytes every time."""
    with plot_style():
        with whole(png) as file:
            figure.savefig(file, dpi=160, metadata={"Software": None})
        with whole(pdf) as file:
            figure.savefig(file, metadata={"CreationDate": None, "Creator": None, "Producer": None})
