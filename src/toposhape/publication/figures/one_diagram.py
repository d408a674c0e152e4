"""One diagram: what it is of, its points, its barcode."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..colours import DEGREE_COLOURS, INK, MUTED
from .style import plot_style

NAMES = ("pieces", "handles", "cavities")
MOST_BARS = 40  # the shortest are left out
MARKED = 12  # places of points in an image, the longest


class Bar(NamedTuple):
    """A point of a diagram.

    Attributes:
        degree: 0, 1 or 2.
        birth: value at which it appears.
        death: value at which it is gone; None if it never dies.
        place: (row, column) in an image where it is born, to be marked.
    """

    degree: int
    birth: float
    death: float | None
    place: tuple[int, ...] | None = None


def one_diagram_figure(
    name: str,
    betti: Sequence[int],
    picture: NDArray[Any],
    bars: Sequence[Bar],
    level: float,
    falling: bool,
) -> Figure:
    """Draw a picture, the diagram and the barcode beside each other.

    Args:
        name: of the field.
        betti: numbers at the level, over the picture.
        picture: uint8 (h, w, 3), or numbers (h, w) shown in grey.
        bars: longest first.
        level: at which Betti numbers are counted, dotted.
        falling: whether time runs from large values to small ones (superlevel sets).
    """
    end = _end_of_time(bars, level, falling)
    with plot_style():
        figure = Figure(figsize=(11.5, 3.9), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        figure.suptitle(name, x=0.01, ha="left")
        _show(left, f"Betti numbers {' '.join(map(str, betti))}", picture, bars)
        _draw_points(middle, bars, level, falling, end)
        _draw_bars(right, bars, level, falling, end)
        present = sorted({bar.degree for bar in bars})
        handles = [
            middle.plot([], [], "o", color=DEGREE_COLOURS[degree], label=NAMES[degree])[0]
            for degree in present
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _end_of_time(bars: Sequence[Bar], level: float, falling: bool) -> float:
    """A value a little after all others: until there the bar of what never dies is drawn."""
    values = [value for bar in bars for value in (bar.birth, bar.death) if value is not None]
    low, high = min(level, *values), max(level, *values)
    beyond = 0.1 * max(high - low, 1e-12)
    return low - beyond if falling else high + beyond


def _show(axes: Axes, title: str, picture: NDArray[Any], bars: Sequence[Bar]) -> None:
    axes.imshow(picture, cmap="gray" if picture.ndim == 2 else None)
    for bar in bars[:MARKED]:
        if bar.place is not None:
            axes.plot(bar.place[1], bar.place[0], "o", color=DEGREE_COLOURS[bar.degree],
                      markersize=5, markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip
    axes.set_title(title)
    axes.axis("off")


def _draw_points(axes: Axes, bars: Sequence[Bar], level: float, falling: bool, end: float) -> None:
    """The smaller value across, the larger one up, as (low, high) of `Diagram`.

    What never dies is a triangle at the end of time.
    """
    axes.axline((0, 0), slope=1, color=MUTED, linewidth=0.8)
    for bar in bars:
        death, marker = (end, "<" if falling else "^") if bar.death is None else (bar.death, "o")
        place = (death, bar.birth) if falling else (bar.birth, death)
        axes.plot(*place, marker, alpha=0.75,
                  color=DEGREE_COLOURS[bar.degree], markersize=6, markeredgewidth=0)  # fmt: skip
    axes.axhline(level, color=INK, linewidth=0.8, linestyle=":")
    axes.axvline(level, color=INK, linewidth=0.8, linestyle=":")
    values = [value for bar in bars for value in (bar.birth, bar.death) if value is not None]
    low, high = min(level, end, *values), max(level, end, *values)
    margin = 0.06 * (high - low)
    limits = low - margin, high + margin
    names = ("death", "birth") if falling else ("birth", "death")
    axes.set(xlim=limits, ylim=limits, xlabel=names[0], ylabel=names[1], title="diagram",
             aspect="equal")  # fmt: skip


def _draw_bars(axes: Axes, bars: Sequence[Bar], level: float, falling: bool, end: float) -> None:
    """The longest on top."""
    shown = bars[:MOST_BARS]
    for height, bar in enumerate(reversed(shown)):
        death = end if bar.death is None else bar.death
        axes.plot([bar.birth, death], [height, height], linewidth=2.2,
                  color=DEGREE_COLOURS[bar.degree])  # fmt: skip
    axes.axvline(level, color=INK, linewidth=0.8, linestyle=":")
    axes.set_ylim(-1, max(len(shown), 8))
    left = f", {len(bars) - len(shown)} shorter ones left out" if len(shown) < len(bars) else ""
    way = "falling" if falling else "rising"
    axes.set(yticks=[], xlabel=f"level, {way} to the right", title=f"barcode{left}")
    axes.grid(False, axis="y")
    if falling:
        axes.invert_xaxis()
