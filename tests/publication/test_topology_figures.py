"""Figures of Betti numbers, barcodes, the latent space; blocks of shapes."""

import numpy as np
import pytest

from toposhape.publication.figures.barcodes import LONGEST_BARS, Example, barcodes_figure
from toposhape.publication.figures.betti import LARGEST, betti_figure
from toposhape.publication.figures.latents import LatentMap, _plane, latents_figure
from toposhape.publication.pictures.sheets import (
    comparison_sheet,
    overview_sheet,
    side_by_side,
)
from toposhape.topology.tables import StoredDiagram

BOX = np.pad(np.zeros((32, 32, 3), np.uint8), ((16, 16), (16, 16), (0, 0)), constant_values=255)


def diagram(count: int) -> StoredDiagram:
    points = np.stack([-0.1 * np.ones(count), np.linspace(0.1, 0.3, count)], axis=1)
    return StoredDiagram((points[:1], points, points[:0]))


def test_bars_are_shares_and_the_last_one_counts_all_above():
    test = np.array([[1, 0, 0], [1, 2, 0]])
    made = np.array([[1, 50, 0], [2, LARGEST, 0], [1, 1, 0], [1, 1, 1]])
    figure = betti_figure(test, {"Mine": made})
    pieces, handles, cavities = (
        [bar.get_height() for bar in axes.patches if hasattr(bar, "get_height")]
        for axes in figure.axes
    )
    assert pieces[1:3] == [75, 25]
    assert handles[1] == handles[LARGEST] == 50
    assert cavities[:2] == [75, 25]
    with pytest.raises(ValueError, match="at least one method"):
        betti_figure(test, {})


def test_the_map_lies_in_the_plane_of_largest_variance():
    random = np.random.default_rng(0)
    means = random.normal(size=(200, 4)) * [0.1, 3, 0.1, 1]
    plane = np.abs(_plane(means))
    assert plane[:, 0].argmax() == 1
    assert plane[:, 1].argmax() == 3
    handles = random.integers(0, 9, 200)
    figure = latents_figure({"Mine": LatentMap(means, handles, means[:7], handles[:7])})
    assert len(figure.axes[1].collections[0].get_offsets()) == 7
    assert _plane(means[:, :1]).shape == (1, 2)


def test_a_barcode_has_a_bar_for_every_point_but_for_the_shortest():
    rows = {"Mine": [Example(BOX, diagram(3)), Example(BOX, diagram(99))]}
    figure = barcodes_figure(rows)
    bars = [len(axes.lines) - 1 for axes in figure.axes[2:]]  # the surface is a line, too
    assert bars == [4, LONGEST_BARS]
    longest = figure.axes[2].lines[3]
    np.testing.assert_allclose(longest.get_xdata(), [-0.3, 0.1])  # from inside outwards


def test_blocks_stand_side_by_side():
    one = overview_sheet({"without": [BOX] * 4})
    two = overview_sheet({"without": [BOX] * 4, "with": [BOX] * 4})
    assert two.shape[0] == one.shape[0]
    assert two.shape[1] == 2 * one.shape[1] + 16
    sheet = comparison_sheet({"chair": {"A": [BOX], "B": [BOX]}, "table": {"A": [BOX], "B": [BOX]}})
    assert sheet.shape[2] == 3
    assert (sheet < 128).any()


def test_a_heading_wider_than_its_sheet_takes_more_lines_and_stays_over_it():
    sheets = {"a heading of many more words than have place": BOX, "short": BOX}
    sheet, low = side_by_side(sheets, len(BOX)), side_by_side({"short": BOX}, len(BOX))
    top, (height, width, _) = len(sheet) - len(BOX), BOX.shape
    assert top > 2 * (len(low) - height)
    assert (sheet[:top, width : width + height // 4] == 255).all()
    assert (sheet[top // 2 : top, :width] < 100).any()
