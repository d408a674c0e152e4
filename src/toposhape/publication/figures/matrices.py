"""Distances of training shapes to synthetic shapes and to generated diagrams: figure 3."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from toposhape.topology.distances.wasserstein import HasPoints, distribution_distance

from .style import plot_style

COLOURS = "magma_r"
BRIGHTEST = 99.0  # per cent of all entries lie below the colour scale's upper end
SHOWN = 100.0  # distances are shown times this, as in the tables


class Matrix(NamedTuple):
    """One of the two matrices.

    Attributes:
        title: what stands in the columns.
        distances: (n, n), training shapes against those.
    """

    title: str
    distances: NDArray[np.float64]


def matrices_figure(training: Sequence[HasPoints], matrices: Sequence[Matrix]) -> Figure:
    """Draw matrices of diagram distances side by side, in one colour scale.

    Rows are training shapes in the order of their total persistence. The columns of each matrix
    stand in the order of the optimal assignment: its diagonal is what equation (2) averages. It
    stands below the matrix once more.

    Args:
        training: diagrams of the training shapes, as many as there are rows.
        matrices: what is compared with them.

    Raises:
        ValueError: if a matrix has not a row for every training shape, or is not square.
    """
    for title, distances in matrices:
        if distances.shape != (len(training), len(training)):
            raise ValueError(
                f"{title}: distances {distances.shape} for {len(training)} training shapes"
            )
    rows = np.argsort([total_persistence(diagram) for diagram in training], kind="stable")
    ordered = [SHOWN * by_assignment(matrix.distances[rows]) for matrix in matrices]
    scale = PowerNorm(0.5, 0, np.percentile(ordered, BRIGHTEST))
    with plot_style():
        figure = Figure(figsize=(0.8 + 4.2 * len(matrices), 4.7), layout="constrained")
        panels = figure.subplots(
            2, len(matrices), squeeze=False, sharex="col", height_ratios=(1, 0.05)
        )
        for (square, strip), matrix, distances in zip(panels.T, matrices, ordered, strict=True):
            square.set_title(matrix.title)
            _draw(square, distances, scale)
            image = _draw(strip, distances.diagonal()[None], scale)
            strip.set_xlabel(
                f"mean of the diagonal, equation (2): {distribution_distance(distances):.2f}",
                fontsize=11, fontweight="bold",
            )  # fmt: skip
        panels[0, 0].set_ylabel(f"{len(rows)} training shapes, by total persistence")
        panels[1, 0].set_ylabel("diagonal", rotation=0, ha="right", va="center")
        bar = figure.colorbar(image, ax=panels, extend="max", shrink=0.8, aspect=30, pad=0.015)
        bar.set_label(f"distance of diagrams, equation (1), × {SHOWN:g}")
        bar.outline.set_visible(False)
    return figure


def total_persistence(diagram: HasPoints) -> float:
    """Sum of birth - death over the points of all degrees."""
    return float(sum(np.ptp(points, axis=1).sum() for points in diagram.points if len(points)))


def by_assignment(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns of an (n, n) matrix, so ordered that the sum of the diagonal is least."""
    from scipy.optimize import linear_sum_assignment  # no other figure needs it

    return distances[:, linear_sum_assignment(distances)[1]]


def _draw(axes: Axes, distances: NDArray[np.float64], scale: PowerNorm) -> AxesImage:
    axes.set(xticks=(), yticks=())
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return axes.imshow(distances, norm=scale, cmap=COLOURS, interpolation="nearest", aspect="auto")
