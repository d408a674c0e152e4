"""Sets of shapes from anybody's signed distance fields."""

import numpy as np
import pytest

from toposhape.evaluation.set_scores import Reference, score_set
from toposhape.evaluation.shape_sets import field_set
from toposhape.shapes.surfaces import surface_points

AXIS = np.linspace(-1, 1, 32, dtype=np.float32)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


def ball(radius, x=0.0):
    return np.sqrt((X - x) ** 2 + Y**2 + Z**2) - radius


def fields():
    torus = np.hypot(np.hypot(X, Z) - 0.6, Y) - 0.2
    two = np.minimum(ball(0.3, -0.5), ball(0.3, 0.5))
    shell = np.maximum(ball(0.8), -ball(0.4))
    nothing = np.ones_like(X)
    return np.stack([torus, two, shell, nothing]).astype(np.float32)


def test_pieces_handles_cavities_and_surfaces_of_known_solids():
    shapes = field_set(fields(), points=500)
    assert shapes.betti.tolist() == [[1, 1, 0], [2, 0, 0], [1, 0, 1], [0, 0, 0]]
    assert shapes.table["empty"].tolist() == [False, False, False, True]
    assert shapes.table["largest_share"].round(2).tolist() == [1, 0.5, 1, 0]
    assert shapes.measured == {"grid vertices an edge": 32, "surface points": 500}
    assert len(shapes.diagrams[0].points[1]) == 1
    distances = np.linalg.norm(shapes.surfaces[2], axis=1)
    assert np.minimum(abs(distances - 0.8), abs(distances - 0.4)).max() < 0.02
    assert not shapes.surfaces[3].any()


def test_a_set_scored_against_itself_is_perfect():
    shapes = field_set(fields())
    scores = score_set(shapes, Reference.of(shapes))
    assert scores["pd_lap"] == scores["cd_nearest"] == scores["handle_error"] == 0


def test_a_field_with_nan_is_refused_by_place():
    broken = fields()
    broken[1, 3, 4, 5] = np.nan
    with pytest.raises(ValueError, match=r"field 1 is nan at vertex \[3, 4, 5\], not finite"):
        field_set(broken)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.ones((2, 8, 8, 9)), r"cubes .* not \(2, 8, 8, 9\)"),
        (np.ones((8, 8, 8)), r"cubes .* not \(8, 8, 8\)"),
        (np.ones((0, 8, 8, 8)), "cubes"),
        (np.ma.masked_greater(np.ones((1, 8, 8, 8)), 2), "masked"),
    ],
)
def test_what_is_no_set_of_cubes_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        field_set(wrong)


def test_grids_and_numbers_of_points_must_agree():
    coarse, fine = field_set(fields()[:, ::2, ::2, ::2], points=50), field_set(fields(), points=50)
    with pytest.raises(ValueError, match="16.*32"):
        score_set(coarse, Reference.of(fine))
    with pytest.raises(ValueError, match="50.*200"):
        score_set(fine, Reference.of(field_set(fields(), points=200)))


def test_points_of_surfaces_lie_by_area_and_not_by_triangle():
    vertices = np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0], [5, 0, 0], [6, 0, 0], [5, 1, 0]])
    points = surface_points(vertices.astype(np.float32), np.array([[0, 1, 2], [3, 4, 5]]), 4000, 0)
    assert (points[:, 0] < 4).mean() == pytest.approx(9 / 10, abs=0.02)


def test_each_surface_has_a_seed_of_its_own():
    twice = np.stack([fields()[1]] * 2)
    first, second = field_set(twice, points=400, seed=3).surfaces
    assert not (first == second).all(axis=1).any()
    again, other = (field_set(twice, points=400, seed=seed).surfaces for seed in (3, 4))
    np.testing.assert_array_equal(again[0], first)
    np.testing.assert_array_equal(other[0], second)  # shape i has seed + i
    assert not np.array_equal(other[1], second)
