"""Synthetic shapes in files: each under its name in all of them, each with points of its own."""

from types import MappingProxyType

import numpy as np
import pytest
from small_run import AXIS, X, Y, Z, solid

from toposhape.base.tables import read_table
from toposhape.evaluation.describe import FIELDS_AT_A_TIME
from toposhape.evaluation.shape_sets import synthetic_sets
from toposhape.evaluation.synthesis import synthesise
from toposhape.evaluation.topology_table import BETTI, read_topology
from toposhape.generators.contract import Generator, Shape
from toposhape.jobs.repairs import COLUMNS
from toposhape.jobs.scoring import read_sets
from toposhape.jobs.synthesis import SyntheticFiles, synthesise_sets, wanted_of
from toposhape.jobs.wanted import Wanted
from toposhape.publication.pictures.pieces import read_meshes
from toposhape.settings.methods import SharedMethod
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface, surface_points

POINTS = 50
OPTIONS = {"resolution": len(AXIS), "topology": Topology(), "points": POINTS, "seed": 7}


class Solids(Generator):
    """The solids of `small_run`: a code is a number."""

    family = "solids"
    metadata = MappingProxyType({})
    latent_size = 1

    def shapes(self, codes, resolution):
        assert resolution == len(AXIS)
        for code in codes:
            yield Shape(field=solid(round(float(code[0]))))

    def reconstruct(self, examples, resolution, settings, seed):
        raise NotImplementedError


NUMBERS = np.array([[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13]])
CODES = NUMBERS[:, :, None].astype(np.float32)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    suffixes = {"codes": ".npy", "diagrams": ".parquet", "surfaces": ".npy", "topology": ".csv"}
    written = {name: folder / f"{name}{suffix}" for name, suffix in suffixes.items()}
    made = SyntheticFiles(**written, meshes=folder / "meshes")
    synthesise_sets(Solids(), lambda attempt: CODES, made, **OPTIONS, threads=1)
    return made


def test_every_shape_has_one_name_in_all_files(files):
    table = read_topology(files.topology)
    names = [f"{i:03d}" for i in range(6)]
    assert list(table.index) == [(draw, name) for draw in (0, 1) for name in names]
    handles = 1 - NUMBERS % 2  # even numbers are tori
    assert table["b1"].to_numpy().reshape(2, 6).tolist() == handles.tolist()
    in_diagrams = [
        [len(d.points[1]) for d in each] for each in read_sets(files.diagrams, files.topology)
    ]
    assert in_diagrams == handles.tolist()
    assert sorted(path.stem for path in files.meshes.iterdir()) == names
    for number, mesh in zip(NUMBERS[0], read_meshes(sorted(files.meshes.iterdir())), strict=True):
        assert len(mesh.faces) == len(extract_surface(solid(number))[1])


def test_sets_are_read_as_they_were_made(files):
    sets = synthetic_sets(files.diagrams, files.surfaces, files.topology)
    assert [len(each) for each in sets] == [6, 6]
    assert [each.table["b1"].sum() for each in sets] == [3, 3]
    sizes = np.linalg.norm(sets[1].surfaces, axis=2).max(axis=1)
    radius = np.array([0.3 + 0.03 * n if n % 2 else 0.65 + 0.015 * n for n in NUMBERS[1]])
    np.testing.assert_allclose(sizes, radius, atol=0.04)
    assert sets[0].table[BETTI].to_numpy().tolist() == [[1, n % 2 == 0, 0] for n in NUMBERS[0]]


class TwoBalls(Solids):
    """A ball and a crumb beside it; codes of 0 are the ball alone."""

    def shapes(self, codes, resolution):
        for code in codes:
            ball = np.sqrt((X + 0.2) ** 2 + Y**2 + Z**2) - 0.4
            crumb = np.sqrt((X - 0.55) ** 2 + Y**2 + Z**2) - 0.2
            yield Shape(field=(np.minimum(ball, crumb) if code[0] else ball).astype(np.float32))


@pytest.mark.parametrize("repaired", [False, True])
def test_a_row_that_repairs_lists_every_change(tmp_path, repaired):
    codes = np.array([[[0], [1]], [[1], [0]]], np.float32)
    made = SyntheticFiles(
        *(tmp_path / name for name in ("c.npy", "d.parquet", "s.npy", "t.csv", "meshes", "r.csv"))
    )
    options = {**OPTIONS, "repaired": repaired, "threads": 1}
    synthesise_sets(TwoBalls(), lambda attempt: codes, made, **options)
    pieces = read_topology(made.topology)["b0"].to_numpy().reshape(2, 2)
    found = read_table(made.repairs)
    assert tuple(found.columns) == COLUMNS
    if not repaired:
        assert pieces.tolist() == [[1, 2], [2, 1]]
        assert found.empty
        return
    assert (pieces == 1).all()
    assert found[["draw", "shape"]].to_numpy().tolist() == [[0, "001"], [1, "000"]]
    assert set(found["kind"]) == {"bridged"}
    np.testing.assert_allclose(found[["y", "z"]], 0, atol=0.06)  # between the balls
    assert found["x"].between(0.2, 0.35).all()
    assert (found["largest_change"] > 0).all()
    sets = synthetic_sets(made.diagrams, made.surfaces, made.topology)
    assert [len(diagram.points[0]) for each in sets for diagram in each.diagrams] == [0] * 4


def test_each_surface_has_points_of_its_own_by_its_place():
    """Shape i is drawn with seed + i, also beyond the few that are made at a time."""
    codes = np.full((FIELDS_AT_A_TIME + 2, 1), 3, np.float32)
    options = {"points": POINTS, "seed": 7, "threads": 1}
    made = list(synthesise(Solids(), codes, len(AXIS), Topology(), **options))
    surface = extract_surface(solid(3))
    for i, shape in enumerate(made):
        np.testing.assert_array_equal(shape.surface, surface_points(*surface, POINTS, 7 + i))
    assert not np.array_equal(made[0].surface, made[1].surface)


def test_a_row_draws_again_until_shapes_are_as_wanted(tmp_path, capsys):
    """One shape of the second set never is: it stays what it was at first."""
    attempts = [[[2, 0], [1, 3]], [[4, 5], [6, 7]], [[0, 8], [0, 9]]]
    made = SyntheticFiles(
        *(tmp_path / name for name in ("c.npy", "d.parquet", "s.npy", "t.csv", "meshes"))
    )

    def codes(attempt):
        return np.array(attempts[min(attempt, 2)], np.float32)[:, :, None]

    wanted = Wanted(one_piece=True)
    synthesise_sets(TwoBalls(), codes, made, **OPTIONS, wanted=wanted, title="chosen")
    assert "chosen: 3 in one piece, 1 not" in capsys.readouterr().err
    assert np.load(made.codes)[:, :, 0].tolist() == [[0, 0], [0, 3]]
    assert read_topology(made.topology)["b0"].tolist() == [1, 1, 1, 2]
    surfaces = np.load(made.surfaces)
    assert surfaces.shape == (2, 2, POINTS, 3)
    ball = extract_surface(next(iter(TwoBalls().shapes(np.zeros((1, 1)), len(AXIS)))).field)
    for place, surface in enumerate(surfaces.reshape(4, POINTS, 3)[:3]):
        np.testing.assert_array_equal(surface, surface_points(*ball, POINTS, 7 + place))
    assert len(list(made.meshes.iterdir())) == 2


def test_rows_say_what_is_wanted():
    assert wanted_of({"prior": "posterior"}).anything
    assert wanted_of({"one_piece": False, "stands": True}) == Wanted(stands=True)
    with pytest.raises(ValueError, match="repairs its shapes .* not both"):
        SharedMethod(trained_as="Balls", repair=True, stands=True)
