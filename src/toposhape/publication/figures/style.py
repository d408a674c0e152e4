"""One look for all plots: fonts and sizes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from toposhape.base.files import whole

from ..colours import GRID, INK, MUTED

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


def save_figure(figure: Figure, png: str | Path, pdf: str | Path) -> None:
    """Write a plot as PNG (160 pixels per inch) and PDF, the same bytes every time."""
    with plot_style():
        with whole(png) as file:
            figure.savefig(file, dpi=160, metadata={"Software": None})
        with whole(pdf) as file:
            figure.savefig(file, metadata={"CreationDate": None, "Creator": None, "Producer": None})
