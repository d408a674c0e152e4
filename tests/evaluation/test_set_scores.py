"""Scores of sets of shapes: against each other, and of a set alone."""

from itertools import combinations, permutations

import numpy as np
import pytest
from made_sets import shapes, table

from toposhape.evaluation.chamfer import chamfer_distance, chamfer_matrix
from toposhape.evaluation.scores import assigned, diagram_costs, nearest
from toposhape.evaluation.set_scores import (
    Reference,
    ShapeSet,
    describe_set,
    mirror_distance,
    score_copies,
    score_set,
)
from toposhape.evaluation.shape_sets import field_set
from toposhape.topology import StoredDiagram, diagram_distance


def test_a_copy_of_the_test_set_scores_zero():
    test = shapes(6, 0)
    scores = score_set(test, Reference.of(test))
    for name in ("pd_lap", "pd_lap_h0", "pd_lap_h1", "pd_lap_h2", "cd_nearest", "cd_assigned"):
        assert scores[name] == pytest.approx(0, abs=1e-12)
    assert scores["coverage"] == 1
    assert scores["one_nna"] == 0
    assert scores["one_piece_share"] == 0.5
    assert scores["handles_mean"] == 3


def test_a_collapsed_set_is_far_from_the_truth_and_a_true_one_is_near():
    truth = shapes(240, 0)
    test = Reference.of(truth.take(np.arange(80)))
    like_it = score_set(truth.take(np.arange(80, 160)), test)
    pool = truth.diagrams[160:]
    medoid = pool[diagram_costs(pool).sum(axis=(0, 1)).argmin()]
    collapsed = score_copies(medoid, 80, test)
    assert abs(like_it["energy_distance"]) < 0.1 * collapsed["energy_distance"]
    assert collapsed["spread"] == 0 < like_it["spread"]
    # half of the variety gone: still worse than the truth
    some = np.repeat(np.arange(80, 84), 20)
    few = score_set(truth.take(some), test)
    assert few["energy_distance"] > 3 * abs(like_it["energy_distance"])


def test_the_spread_is_the_mean_of_distances_between_different_shapes():
    test = shapes(3, 0)
    distances = [
        np.sqrt(sum(diagram_distance(a.points[k], b.points[k]) for k in range(3)))
        for a, b in combinations(test.diagrams, 2)
    ]
    assert describe_set(test)["spread"] == pytest.approx(np.mean(distances))


def test_copies_score_like_a_set_of_copies():
    test, one = Reference.of(shapes(4, 0)), shapes(1, 1)
    whole = score_set(one.take(np.zeros(4, int)), test)
    for name, value in score_copies(one.diagrams[0], 4, test).items():
        assert value == pytest.approx(whole[name], abs=1e-12)


def test_chamfer_scores_are_of_test_against_synthetic():
    test, synthetic = shapes(5, 0), shapes(5, 1, centre=0.2)
    scores = score_set(synthetic, Reference.of(test))
    matrix = chamfer_matrix(test.surfaces, synthetic.surfaces)
    assert scores["cd_nearest"] == pytest.approx(nearest(matrix))
    assert scores["cd_nearest"] != pytest.approx(nearest(matrix.T), rel=1e-6)
    assert scores["cd_assigned"] == pytest.approx(assigned(matrix))


def test_a_set_with_too_few_surfaces_is_refused():
    good = shapes(3, 0)
    with pytest.raises(ValueError, match="'surfaces': 2"):
        ShapeSet(good.diagrams, good.surfaces[:2], good.table)


def test_sets_of_other_grids_or_numbers_of_points_are_not_compared():
    test = Reference.of(shapes(3, 0))
    other = shapes(3, 1)
    fewer = ShapeSet(other.diagrams, other.surfaces[:, :50], other.table)
    with pytest.raises(ValueError, match="'surface points': 50.*'surface points': 64"):
        score_set(fewer, test)
    coarse = ShapeSet(other.diagrams, other.surfaces, other.table.assign(resolution=12))
    with pytest.raises(ValueError, match="edge': 12.*edge': 16"):
        score_set(coarse, test)
    with pytest.raises(ValueError, match=r"one grid, not \[12, 16\]"):
        ShapeSet(other.diagrams, other.surfaces, other.table.assign(resolution=[12, 16, 16]))


def test_the_mirror_turns_left_and_right_and_nothing_else():
    half = np.random.default_rng(0).normal(0, 0.3, (40, 3)).astype(np.float32)
    symmetric = np.concatenate([half, half * np.array([-1, 1, 1], np.float32)])
    assert mirror_distance(symmetric[None]) == 0
    for axis in (1, 2):
        flip = np.ones(3, np.float32)
        flip[axis] = -1
        assert mirror_distance(np.concatenate([half, half * flip])[None]) > 0
    point = np.array([[[0.1, 0.7, 0.2]]], np.float32)  # its image is 0.2 away, there and back
    assert mirror_distance(point) == pytest.approx(2 * 0.2**2)
    assert mirror_distance(np.concatenate([point, 0 * point])) == pytest.approx(0.2**2)


def test_a_set_alone_is_described_by_hand():
    none = np.empty((0, 2), np.float32)
    handles = [[(0, 0.3), (0, 0.1), (-0.2, -0.05)], [(0, 0.05)], []]
    diagrams = [
        StoredDiagram((none, np.array(points, np.float32).reshape(-1, 2), none))
        for points in handles
    ]
    columns = {"largest_share": [1, 0.5, 0], "stands": [True, True, False], "dangling": [0, 2, 0]}
    lines = table([1, 3, 0], [2, 1, 0], [5, 0, 0], empty=[False, False, True], **columns)
    lines["b0_dilated"] = [1, 1, 0]
    of_set = describe_set(ShapeSet(diagrams, np.zeros((3, 4, 3), np.float32), lines))
    costs = [(0.09 + 0.01 + 0.0225) / 2, 0.0025 / 2, 0]
    expected = {
        "one_piece_share": 1 / 3,
        "one_piece_share_dilated": 2 / 3,
        "handles_mean": 1,
        "empty_share": 1 / 3,
        "false_pieces": 2 / 3,  # two of three pieces of the second shape; an empty one has none
        "largest_share": 0.5,
        "stands_share": 2 / 3,
        "nothing_dangles_share": 2 / 3,
        "handle_cost": np.mean(costs),
        "long_handles": 2 / 3,  # 0.3 and 0.15; 0.1 is not longer than 0.1
        "mirror_distance": 0,
    }
    found = {name: of_set[name] for name in expected}
    assert found == pytest.approx(expected, rel=1e-5)


def test_handle_error_counts_handles_and_no_cavities():
    """So many handles a shape would have to be added or removed."""
    test, made = shapes(4, 0), shapes(4, 1)
    test = ShapeSet(test.diagrams, test.surfaces, table([1] * 4, [0, 1, 2, 9], [7, 7, 7, 7]))
    made = ShapeSet(made.diagrams, made.surfaces, table([1] * 4, [2, 3, 1, 0], [0, 0, 0, 0]))
    scores = score_set(made, Reference.of(test))
    assert scores["handle_error"] == pytest.approx((0 + 0 + 0 + 6) / 4)


def ring(x=0.0, y=0.0):
    """The distance of a lying torus whose hole is at (x, y, 0)."""
    axis = np.linspace(-1, 1, 32)
    grid = np.meshgrid(axis - x, axis - y, axis, indexing="ij")
    return np.hypot(np.hypot(grid[0], grid[2]) - 0.35, grid[1]) - 0.12


def test_handles_are_in_place_where_others_have_theirs():
    def score(made, test):
        made, test = (field_set(np.stack(each), points=64) for each in (made, test))
        return score_set(made, Reference.of(test))["handles_in_place"]

    low, middle, high = ring(y=-0.6), ring(), ring(y=0.6)
    beside = ring(x=0.1)
    both = np.minimum(low, high)
    nothing = np.ones((32, 32, 32))
    assert score([low, high], [high, low]) == 1
    assert score([middle, middle], [beside, middle]) == 1
    assert score([low, low], [high, high]) == 0
    assert score([low, low], [low, high]) == 1 / 2  # one partner for two
    assert score([both, low], [both, high]) == 2 * 2 / 6
    assert score([nothing, low], [low, nothing]) == 1
    assert score([nothing] * 2, [low] * 2) == 0
    assert score([nothing] * 2, [nothing] * 2) == 1


def test_the_middle_of_a_hole_is_where_it_is():
    for field, x, y in ((ring(), 0, 0), (ring(x=0.2, y=-0.5), 0.2, -0.5)):
        (found,) = field_set(field[None], points=64).handle_middles
        assert found == pytest.approx([x, y, 0], abs=2 / 31)


def test_scores_of_a_set_are_those_of_its_own_matrices():
    """Every score again, from distances taken one by one: nothing is exchanged or used twice."""
    test, made = shapes(4, 0), shapes(4, 5, centre=0.1)

    def root(a, b):
        return np.sqrt(sum(diagram_distance(a.points[k], b.points[k]) for k in range(3)))

    def matrix(distance, rows, columns):
        return np.array([[distance(a, b) for b in columns] for a in rows])

    d = [
        matrix(root, a.diagrams, b.diagrams) for a, b in ((test, made), (test, test), (made, made))
    ]
    c = [
        matrix(chamfer_distance, a.surfaces, b.surfaces)
        for a, b in ((test, made), (test, test), (made, made))
    ]
    apart = ~np.eye(4, dtype=bool)
    far = np.where(apart, 0, np.inf)
    right = ((c[1] + far).min(axis=1) < c[0].min(axis=1)).sum()
    right += ((c[2] + far).min(axis=1) < c[0].min(axis=0)).sum()
    scores = score_set(made, Reference.of(test))
    expected = {
        "pd_lap": min((d[0][range(4), list(p)] ** 2).mean() for p in permutations(range(4))),
        "energy_distance": 2 * d[0].mean() - d[1][apart].mean() - d[2][apart].mean(),
        "spread": d[2][apart].mean(),
        "cd_nearest": c[0].min(axis=1).mean(),
        "cd_assigned": min(c[0][range(4), list(p)].mean() for p in permutations(range(4))),
        "coverage": len(set(c[0].argmin(axis=0))) / 4,
        "one_nna": right / 8,
    }
    assert {name: scores[name] for name in expected} == pytest.approx(expected, rel=1e-5)
    swapped = score_set(test, Reference.of(made))
    assert swapped["spread"] != pytest.approx(scores["spread"], rel=1e-3)
