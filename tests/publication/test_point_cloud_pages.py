"""Tables and figures of the ShapeGF chapter show what they are given."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from toposhape.publication.figures.animation import save_animation
from toposhape.publication.figures.point_clouds import (
    clouds_figure,
    letters_figure,
    seen,
    steps_animation,
    steps_figure,
)
from toposhape.publication.tables.formats import to_html, to_markdown
from toposhape.publication.tables.latex import to_latex
from toposhape.publication.tables.point_clouds import (
    chapter_data,
    point_clouds_document,
    published_point_clouds,
)

RECONSTRUCTION = pd.DataFrame(
    [
        ("test", "a", "oracle", 0.001, 0.05),
        ("test", "b", "oracle", 0.003, 0.07),
        ("test", "a", "ancestral, 24", 0.004, 0.06),
        ("test", "b", "ancestral, 24", 0.008, 0.08),
        ("test", "a", "Heun, 12", 0.003, 0.10),
    ],
    columns=["part", "shape", "sampler", "chamfer", "earth_mover"],
)


def scores(*lines):
    frame = pd.DataFrame(lines, columns=["method", "draw", "metric", "value"])
    return frame.assign(category="chair", training_seed=0, n=2)


CLOUDS = scores(
    ("ShapeGF", 0, "mmd_cd", 0.010),
    ("ShapeGF", 1, "mmd_cd", 0.014),
    ("ShapeGF", 0, "cov_emd", 0.4),
    ("training shapes", 0, "mmd_cd", 0.005),
)
TOPOLOGY = scores(("ShapeGF", 0, "pd_lap", 0.02), ("training shapes", 0, "pd_lap", 0.01))
SHEETS = pd.DataFrame(
    [
        ("a", "true points", 0.001, 0.9, 0.0),
        ("b", "true points", 0.003, 0.7, 0.1),
        ("a", "another shape", 0.06, np.nan, np.nan),
        ("a", "auto-encoded", 0.02, 0.5, 0.2),
    ],
    columns=["shape", "field", "distance", "iou", "bare_share"],
)
LETTERS = pd.DataFrame({"letter": ["A"], "sampled": [0.006], "oracle": [0.002]})
ABLATION = pd.DataFrame(
    [("as set", "A", 0.004, 0.06), ("as set", "B", 0.008, 0.06), ("oracle", "A", 0.003, 0.02),
     ("oracle", "B", 0.001, 0.04),
     *((f"({rows})", "A", 0.01, 0.1) for rows in ("a", "ab", "abc", "bd", "abcd"))],
    columns=["change", "letter", "chamfer", "earth_mover"],
)  # fmt: skip


@pytest.fixture(scope="module")
def document():
    return point_clouds_document(
        RECONSTRUCTION, CLOUDS, TOPOLOGY, SHEETS, LETTERS, ABLATION, 2048, 512
    )


def entries(document, table, label):
    (layout,) = [each for each in document.tables if each.title.startswith(table)]
    (row,) = [row for row in layout.rows if row.label.startswith(label)]
    return [entry and entry.value for entry in row.entries]


def test_ratios_are_to_the_oracle_of_the_same_shapes(document):
    sampled = entries(document, "Auto-encoding (table 1)", "test shapes, ancestral, 24 (2)")
    assert sampled == ["6.00", "3.00", "7.00", "1.17"]
    heun = entries(document, "Auto-encoding (table 1)", "test shapes, Heun, 12 (1)")
    assert heun == ["3.00", "3.00", "10.00", "2.00"]
    assert entries(document, "Auto-encoding (table 1)", "letters") == ["6.00", "3.00", None, None]


def test_scores_are_means_over_sets_and_what_is_missing_stays_out(document):
    found = entries(document, "Generation (table 3)", "ShapeGF")
    assert found[0] == "12.00"
    assert found[1] is None
    assert "40.0" in found
    assert entries(document, "Topology", "ShapeGF")[0] == "2.00"


def test_sheets_have_means_and_medians(document):
    assert entries(document, "What a sheet", "outer sheet of true") == [
        "0.20", "0.20", "0.800", "0.050",
    ]  # fmt: skip
    assert entries(document, "What a sheet", "another")[2:] == [None, None]


def test_published_numbers_stand_as_printed_with_their_ratios(document):
    chair = entries(document, "Auto-encoding, as printed", "chair, ShapeGF")
    assert chair == ["5.599", "1.75", "4.917", "1.49"]
    printed = published_point_clouds()
    assert not printed.duplicated(["table", "data", "row", "metric"]).any()
    assert entries(document, "Generation, as printed", "airplane, training shapes")[4:] == [
        "72.1", "69.38",
    ]  # fmt: skip


def test_an_ablation_stands_by_the_oracle_and_the_printed_one(document):
    found = entries(document, "Levels of noise and starts", "as set")
    assert found == ["6.00", "3.00", "6.00", "2.00"]
    assert entries(document, "The same, as printed", "airplane, one level, 0.01") == [
        "1009.36", "36.715",
    ]  # fmt: skip


def test_decoders_stand_apart_from_trainings_and_beside_the_printed_ones(document):
    assert entries(document, "The decoder, letters", "(ab) and shortcuts") == [
        "10.00", "5.00", "10.00", "3.33",
    ]  # fmt: skip
    assert entries(document, "The decoder, letters", "as set")[1] == "3.00"
    (trainings,) = [each for each in document.tables if each.title.startswith("Levels")]
    assert [row.label for row in trainings.rows] == ["as set", "oracle"]
    assert entries(document, "The decoder, as printed", "airplane, (bd)") == ["1.011", "2.462"]


def test_all_formats_can_be_written_and_the_data_are_long(document):
    for write in (to_markdown, to_html, to_latex):
        assert "ShapeGF" in write(document)
    data = chapter_data(RECONSTRUCTION, CLOUDS, TOPOLOGY, SHEETS)
    line = data.query("table == 'generation' and row == 'ShapeGF' and metric == 'mmd_cd'")
    assert line[["value", "n"]].values.tolist() == [[0.012, 2]]


def test_clouds_are_seen_as_the_pictures_camera_sees_them():
    cloud = np.random.default_rng(0).normal(size=(20, 3))
    turn = Rotation.from_euler("yx", [-32, 22], degrees=True)
    expected = turn.apply(cloud)
    np.testing.assert_allclose(seen(cloud), expected[np.argsort(expected[:, 2])], atol=1e-12)


def test_a_film_has_all_its_pictures_and_rests_on_the_last(tmp_path):
    pictures = [np.full((20, 30, 3), shade, np.uint8) for shade in (0, 100, 250)]
    save_animation(pictures, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (3, (30, 20), 0)
        times = []
        for i in range(3):
            film.seek(i)
            times.append(film.info["duration"])
            assert abs(film.convert("RGB").getpixel((3, 3))[0] - (0, 100, 250)[i]) < 5
    assert times[0] == times[1] < times[2]


def test_figures_have_a_panel_for_everything():
    rng = np.random.default_rng(0)
    cloud, picture = rng.normal(size=(50, 3)).astype(np.float32), np.zeros((9, 9, 3), np.uint8)
    figure = clouds_figure({"test": [cloud, cloud], "sheets": [picture]})
    assert len(figure.axes) == 4
    steps = {name: cloud for name in ("start", "0.5", "0.1", "0")}
    assert len(steps_figure([steps, steps]).axes) == 8
    frames = steps_animation([steps, steps, steps])
    assert [frame.shape for frame in frames] == [(260, 720, 3)] * 4
    plane = rng.normal(size=(50, 2)).astype(np.float32)
    letters = {"lattice": plane}
    for name in ("A sans", "B mono"):
        for panel in ("cloud", "exact 0.1", "learned 0.1", "step start", "step 0"):
            letters[f"{name}|{panel}"] = plane
    figure = letters_figure(letters)
    assert [axes.get_title(loc="left") for axes in figure.axes[:5]] == [
        "outline", "exact, s = 0.1", "learned, s = 0.1", "start", "result",
    ]  # fmt: skip
