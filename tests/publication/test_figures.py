"""Figures show what they are given: right places, right colours, right counts."""

import numpy as np
import pandas as pd
import pytest
import trimesh

from toposhape.publication.colours import CLAY, LOOSE, PALETTE, colours
from toposhape.publication.figures.diagrams import diagrams_figure
from toposhape.publication.figures.style import save_figure
from toposhape.publication.figures.training import training_figure
from toposhape.publication.pictures.evenly import evenly
from toposhape.publication.pictures.pictures import picture, portray_files
from toposhape.publication.pictures.pieces import Mesh, piece_colours, read_meshes
from toposhape.publication.pictures.portraits import read_pictures, read_portraits
from toposhape.publication.pictures.sheets import samples_sheet, save_sheet
from toposhape.topology.tables import StoredDiagram

NOTHING = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64))


def joined(*meshes):
    mesh = trimesh.util.concatenate(meshes)
    return Mesh(np.asarray(mesh.vertices), np.asarray(mesh.faces))


def ball(radius, x=0.0, inverted=False):
    mesh = trimesh.creation.icosphere(1, radius).apply_translation((x, 0, 0))
    if inverted:
        mesh.invert()
    return mesh


def is_loose(mesh):
    return (piece_colours(mesh) == LOOSE).all(axis=1)


def test_all_pieces_but_the_largest_are_tinted():
    loose = is_loose(joined(ball(0.1, -0.6), ball(0.3), ball(0.2, 0.7)))
    faces = len(ball(1).faces)
    assert loose.tolist() == [True] * faces + [False] * faces + [True] * faces


def test_the_wall_of_a_cavity_is_no_piece():
    assert not is_loose(joined(ball(0.5), ball(0.2, inverted=True))).any()


def test_one_piece_is_clay_all_over():
    assert (piece_colours(joined(ball(0.5))) == CLAY).all()


def test_rows_of_a_sheet_may_be_short_and_shapes_empty():
    chair, nothing = picture(joined(ball(0.5)), 80), picture(NOTHING, 80)
    sheet = samples_sheet({"a": [chair, nothing], "b": [chair]})
    tiles = sheet[:, -162:]
    assert tiles[80:162, 90:].min() == 255  # row b has no second shape
    assert tiles[:80, :80].min() < 200
    assert (nothing < 255).any()  # says that it is empty
    with pytest.raises(ValueError, match="no shape"):
        samples_sheet({"a": []})


def test_meshes_are_read_as_they_were_written(tmp_path):
    mesh = ball(0.5)
    mesh.export(tmp_path / "0.ply")
    trimesh.Trimesh().export(tmp_path / "1.ply")
    full, empty = read_meshes([tmp_path / "0.ply", tmp_path / "1.ply"])
    np.testing.assert_allclose(full.vertices, mesh.vertices, atol=1e-6)
    assert (full.faces == mesh.faces).all()
    assert empty.faces.shape == (0, 3)


def test_portraits_are_read_as_they_were_written(tmp_path):
    files = [tmp_path / f"{i:03d}.ply" for i in range(3)]
    for file, radius in zip(files, (0.3, 0.5, 0.7), strict=True):
        ball(radius).export(file)
    folder = tmp_path / "pictures"
    portray_files(files, folder, 48)
    portraits = read_portraits(folder, 2)
    assert list(portraits) == ["000", "001"]
    meshes = read_meshes(files)
    for portrait, mesh in zip(portraits.values(), meshes[:2], strict=True):
        np.testing.assert_array_equal(portrait.picture, picture(mesh, 48))
        assert portrait.mesh
    assert len(read_pictures(folder)) == 3
    sources = pd.read_csv(folder / "sources.csv", dtype=str)
    assert sources["source"].tolist() == list(map(str, files))
    assert sources["sha256"].nunique() == 3


def test_pictures_are_taken_from_all_over():
    assert evenly(range(9), 3) == [0, 4, 8]
    assert evenly(range(2), 3) == [0, 1]
    assert evenly([], 3) == []


def history(epochs=50, **columns):
    epoch = np.arange(1, epochs + 1)
    rate = np.where(epoch < 6, epoch / 6, np.where(epoch > 40, 0.5, 1.0)) * 1e-3
    values = {
        "epoch": epoch,
        "learning_rate": rate,
        "data": 1 / epoch,
        "validation": 2 / epoch,
        "moment_kl": 0.5,
        "eikonal": 0.0,
        "variance": 0.8,
        "posterior_variance": 0.1,
    }
    return pd.DataFrame({**values, **columns})


def test_training_curves_end_where_training_ended():
    figure = training_figure({"A": history(), "B": history(30, eikonal=0.2)}, {"A": "flat"})
    loss, terms, codes = figure.axes
    dots = [line.get_xdata()[0] for line in loss.lines if line.get_marker() == "o"]
    assert dots == [50, 30]
    ticks = [line.get_xdata()[0] for line in loss.lines if line.get_marker() == "|"]
    assert ticks == [41]
    assert len(terms.lines) == 3  # B alone has an eikonal term
    assert codes.get_ylim()[1] > 1
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["A: flat", "B: 30 epochs"]


def test_without_validation_shapes_the_training_loss_is_watched():
    figure = training_figure({"A": history(validation=np.nan)})
    dot = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert dot.get_ydata()[0] == pytest.approx(1 / 50, rel=0.1)


def test_a_history_that_lacks_a_column_is_refused():
    with pytest.raises(ValueError, match="moment_kl"):
        training_figure({"A": history().drop(columns="moment_kl")})


def diagram(*h1):
    none = np.empty((0, 2), np.float32)
    return StoredDiagram((none, np.array(h1, np.float32).reshape(-1, 2), none))


def test_diagram_points_stand_at_death_and_birth(tmp_path):
    test, made = [diagram((-0.3, 0.1)), diagram()], [diagram((-0.2, 0.05), (0, 0.4))]
    figure = diagrams_figure(test, {"A": made, "B": [diagram()]})
    axes = figure.axes[1]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    crosses = next(line for line in axes.lines if line.get_marker() == "x")
    np.testing.assert_allclose(dots.get_xydata(), [(-0.3, 0.1)], rtol=1e-6)
    np.testing.assert_allclose(crosses.get_xydata(), [(-0.2, 0.05), (0, 0.4)], rtol=1e-6)
    assert [t.get_text() for t in axes.texts][1:] == ["● test 0.5", "× synthetic 2.0"]
    low, high = axes.get_xlim()
    assert low < -0.3 and high > 0.4 and axes.get_ylim() == (low, high)
    with pytest.raises(ValueError, match="no synthetic"):
        diagrams_figure(test, {})


def test_the_same_plot_gives_the_same_bytes(tmp_path):
    written = []
    for name in ("first", "second"):
        files = tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"
        save_figure(training_figure({"A": history()}), *files)
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]
    assert written[0][0][:4] == b"\x89PNG" and written[0][1][:4] == b"%PDF"


def test_sheets_are_saved_without_loss(tmp_path):
    from PIL import Image

    sheet = samples_sheet({"a": [picture(joined(ball(0.5)), 60)]})
    save_sheet(sheet, tmp_path / "s.png", tmp_path / "s.pdf")
    assert (np.asarray(Image.open(tmp_path / "s.png")) == sheet).all()
    assert (tmp_path / "s.pdf").read_bytes()[:4] == b"%PDF"


def test_methods_have_different_colours():
    chosen = colours([f"method {i}" for i in range(8)])
    assert len(set(chosen.values())) == len(PALETTE) == 8
