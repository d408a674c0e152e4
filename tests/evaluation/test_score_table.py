"""Score tables: what is in them, and that every number is the score of the right sets."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest

from toposhape.evaluation.chamfer import chamfer_distance, chamfer_matrix
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import (
    COLUMNS,
    EMPTY,
    FLOOR,
    MEDOID,
    TEST,
    VALIDATION,
    read_scores,
    score_generator,
    score_references,
)
from toposhape.evaluation.scores import assigned, diagram_costs, nearest
from toposhape.evaluation.set_scores import (
    Reference,
    ShapeSet,
    describe_set,
    mirror_distance,
    novelty,
    score_copies,
    score_set,
)
from toposhape.evaluation.topology_table import COLUMNS as TABLE_COLUMNS
from toposhape.topology import StoredDiagram, diagram_distance


def shapes(count, seed, centre=0.0):
    random = np.random.default_rng(seed)
    diagrams = []
    for _ in range(count):
        death = random.normal(0, 0.05, (3, 2, 1)).astype(np.float32)
        life = random.uniform(0.02, 0.2, (3, 2, 1)).astype(np.float32)
        diagrams.append(StoredDiagram(tuple(np.concatenate([death, death + life], axis=2))))
    surfaces = random.normal(centre, 0.3, (count, 64, 3)).astype(np.float32)
    return ShapeSet(diagrams, surfaces, table(np.arange(count) % 2 + 1, [3] * count))


def table(b0, b1=None, b2=None, **columns):
    """Lines of topology.csv for shapes of so many pieces and handles."""
    zero = np.zeros(len(b0), int)
    given = {
        "b0": b0,
        "b1": zero if b1 is None else b1,
        "b2": zero if b2 is None else b2,
        "b0_dilated": zero + 1,
        "empty": zero > 0,
        "resolution": zero + 16,
        "largest_share": zero + 1.0,
        "stands": zero == 0,
        **columns,
    }
    return pd.DataFrame({name: list(values) for name, values in given.items()})[TABLE_COLUMNS]


def value(table, method, metric, draw=0):
    line = table[(table.method == method) & (table.metric == metric)]
    return line.value.iloc[draw]


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


def test_a_generator_has_every_metric_of_every_draw():
    draws = [shapes(4, seed) for seed in (1, 2, 3)]
    training = shapes(5, 9).surfaces
    of_diagrams = dict.fromkeys(
        ("generator_pd_lap", "pd_lap_training", "generator_pd_lap_training"), 0.5
    )
    table = score_generator(
        "chair", "Mine", 7, draws, shapes(4, 0), [0.1, 0.3], draws[:2], training, of_diagrams
    )
    assert list(table.columns) == COLUMNS
    assert set(table.metric) == set(METRICS)
    counts = table.groupby("metric").size()
    single = ["cd_reconstruction", *of_diagrams]
    assert (counts[single] == 1).all()
    posterior = counts.index.str.endswith("_posterior")
    assert (counts[posterior] == 2).all()
    assert (counts[~posterior].drop(single) == 3).all()
    assert value(table, "Mine", "pd_lap_posterior", 1) == value(table, "Mine", "pd_lap", 1)
    assert value(table, "Mine", "cd_reconstruction") == pytest.approx(0.2)
    assert (table.training_seed == 7).all()
    assert table[table.metric == "pd_lap"].draw.tolist() == [0, 1, 2]


def test_smaller_sets_meet_as_many_test_shapes_and_larger_ones_are_refused():
    test = shapes(9, 0)
    table = score_generator("chair", "Mine", 0, [shapes(4, 1)] * 2, test)
    assert (table.n == 4).all()
    assert value(table, "Mine", "pd_lap", 0) != value(table, "Mine", "pd_lap", 1)
    with pytest.raises(ValueError, match="10 different shapes"):
        score_generator("chair", "Mine", 0, [shapes(10, 1)], test)


def test_references_say_what_no_generator_would_score():
    test = shapes(4, 0)
    table = score_references("chair", shapes(12, 1), test, draws=3, shapes_per_draw=None)
    assert list(table.method.unique()) == [FLOOR, MEDOID, EMPTY, TEST]
    assert table[table.method == FLOOR].groupby("metric").size().eq(3).all()
    points = [np.diff(d.points[k])[:, 0] ** 2 / 2 for d in test.diagrams for k in range(3)]
    assert value(table, EMPTY, "pd_lap") == pytest.approx(np.concatenate(points).sum() / 4)
    of_diagrams = {f"pd_lap{k}" for k in ("", *SUFFIXES)} | {"energy_distance", "spread"}
    assert set(table[table.method == EMPTY].metric) == of_diagrams
    assert "pd_lap" not in set(table[table.method == TEST].metric)
    assert len(set(table[(table.method == FLOOR) & (table.metric == "pd_lap")].value)) == 3


SUFFIXES = ("_h0", "_h1", "_h2")


def test_few_training_shapes_make_the_floor_smaller():
    table = score_references("chair", shapes(3, 1), shapes(5, 0), draws=2, shapes_per_draw=None)
    assert (table[table.method == FLOOR].n == 3).all()


def test_tables_are_read_as_they_were_written(tmp_path):
    table = score_generator("chair", "Mine", 0, [shapes(3, 1)], shapes(3, 0), [0.1])
    table.to_csv(tmp_path / "a.csv", index=False)
    pd.testing.assert_frame_equal(read_scores([tmp_path / "a.csv"]), table)
    named = table.assign(category="NA", method="007")
    named.to_csv(tmp_path / "na.csv", index=False)
    pd.testing.assert_frame_equal(read_scores([tmp_path / "na.csv"]), named)
    table.assign(metric="beauty").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ValueError, match="no such metric.*beauty"):
        read_scores([tmp_path / "b.csv"])
    table.drop(columns="n").to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(ValueError, match="has columns"):
        read_scores([tmp_path / "c.csv"])


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


def test_the_median_and_the_mean_of_novelty():
    training = np.zeros((2, 8, 3), np.float32)
    training[1] += 10
    made = np.zeros((3, 8, 3), np.float32)
    made[1, :, 0] += 0.1  # 0.01 there and back: 0.02
    made[2, :, 1] += 10.5  # 0.5 above the second in y, 10 beside it in x and z: the first is nearer
    expected = [0, 0.02, 2 * 10.5**2]
    found = novelty(made, training)
    assert found["novelty"] == pytest.approx(np.mean(expected), rel=1e-5)
    assert found["novelty_median"] == pytest.approx(0.02, rel=1e-5)
    assert novelty(training, training) == {"novelty": 0, "novelty_median": 0}
    with pytest.raises(ValueError, match="not 7 of the shapes and 8"):
        novelty(made[:, :7], training)


def test_copies_of_training_shapes_have_no_novelty_and_new_ones_have_that_of_validation_shapes():
    training, validation = shapes(20, 0), shapes(6, 1)
    draws = [training.take(np.arange(4)), shapes(4, 2)]
    table = score_generator("chair", "Mine", 0, draws, shapes(4, 3), training=training.surfaces)
    assert value(table, "Mine", "novelty", 0) == 0
    references = score_references("chair", training, shapes(4, 3), 2, None, validation)
    yardstick = value(references, VALIDATION, "novelty")
    assert yardstick == novelty(validation.surfaces, training.surfaces)["novelty"]
    assert value(table, "Mine", "novelty", 1) == pytest.approx(yardstick, rel=0.3)
    assert (references[references.method == VALIDATION].n == 6).all()
    assert references[references.method == VALIDATION].draw.isna().all()
    assert "novelty" in set(references[references.method == TEST].metric)
    assert "novelty" not in set(references[references.method == FLOOR].metric)


def test_novelty_is_of_the_first_draws_in_their_order():
    training = shapes(5, 0)
    draws = [shapes(3, seed) for seed in range(1, 7)]
    table = score_generator("chair", "Mine", 0, draws, shapes(3, 9), training=training.surfaces)
    found = table[table.metric == "novelty"]
    assert found.draw.tolist() == [0, 1, 2]
    expected = [novelty(each.surfaces, training.surfaces)["novelty"] for each in draws[:3]]
    assert found.value.tolist() == expected


def test_one_validation_shape_is_no_yardstick():
    table = score_references("chair", shapes(5, 1), shapes(4, 0), 2, None, shapes(1, 2))
    assert VALIDATION not in set(table.method)


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
    columns = {"largest_share": [1, 0.5, 0], "stands": [True, True, False]}
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


def test_the_medoid_is_the_diagram_that_is_nearest_to_all_others():
    none = np.empty((0, 2), np.float32)
    births = [0.1, 0.2, 0.25, 0.9, 0.3]
    diagrams = [StoredDiagram((none, np.array([[0, b]], np.float32), none)) for b in births]
    training = shapes(5, 0)
    training = ShapeSet(diagrams, training.surfaces, training.table)
    test = shapes(3, 1)
    table = score_references("chair", training, test, 1, None)
    # squared distances to the others, or to the diagonal: 0.3 is the best compromise, 0.9 the worst
    totals = [sum(diagram_distance([[0, a]], [[0, b]]) for b in births) for a in births]
    best = diagrams[int(np.argmin(totals))]
    assert best.points[1][0, 1] == np.float32(0.3)
    expected = np.mean(
        [
            sum(diagram_distance(best.points[k], d.points[k]) for k in range(3))
            for d in test.diagrams
        ]
    )
    assert value(table, MEDOID, "pd_lap") == pytest.approx(expected, rel=1e-6)


def test_each_draw_meets_test_shapes_of_its_own_seed():
    test, made = shapes(9, 0), shapes(4, 1)
    table = score_generator("chair", "Mine", 0, [made] * 3, test)
    for draw in range(3):
        chosen = np.sort(np.random.default_rng([draw, 0xC0]).permutation(9)[:4])
        direct = score_set(made, Reference.of(test.take(chosen)))
        assert value(table, "Mine", "pd_lap", draw) == pytest.approx(direct["pd_lap"])
        assert value(table, "Mine", "one_nna", draw) == direct["one_nna"]


def test_the_floor_is_of_training_shapes_drawn_by_the_draws_number():
    training, test = shapes(9, 0), shapes(4, 1)
    table = score_references("chair", training, test, 3, 4)
    for draw in range(3):
        chosen = np.sort(np.random.default_rng([draw, 0xC0]).permutation(9)[:4])
        direct = score_set(training.take(chosen), Reference.of(test))
        assert value(table, FLOOR, "energy_distance", draw) == direct["energy_distance"]


def test_every_line_says_whose_it_is_and_of_how_many_shapes():
    test, training, validation = shapes(6, 0), shapes(9, 1), shapes(2, 2)
    table = score_references("sofa", training, test, 2, 4, validation)
    assert (table.category == "sofa").all()
    assert table.index.is_unique and list(table.index) == list(range(len(table)))
    sizes = table.groupby("method")["n"].unique().map(list).to_dict()
    assert sizes == {FLOOR: [4], MEDOID: [4], EMPTY: [4], TEST: [6], VALIDATION: [2]}
    assert table.training_seed.isna().all()
    draws = table.groupby("method")["draw"].agg(lambda column: sorted(set(column.dropna())))
    assert draws.to_dict() == {
        FLOOR: [0, 1],
        MEDOID: [0, 1],
        EMPTY: [0, 1],
        TEST: [],
        VALIDATION: [],
    }
    made = score_generator("sofa", "Mine", 5, [shapes(4, 3)], test, [0.1] * 6, [shapes(4, 4)])
    assert (made.category == "sofa").all() and (made.method == "Mine").all()
    assert made.index.is_unique
    of_reconstruction = made.metric == "cd_reconstruction"
    assert made[of_reconstruction].n.tolist() == [6] and made[of_reconstruction].draw.isna().all()
    assert (made[~of_reconstruction].n == 4).all()
    assert (made[~of_reconstruction].draw == 0).all()


@pytest.mark.parametrize(
    ("asked", "tests", "trainings", "n"),
    [(None, 5, 9, 5), (3, 5, 9, 3), (8, 5, 9, 5), (None, 5, 4, 4), (8, 9, 6, 6)],
)
def test_reference_sets_are_as_large_as_asked_and_never_larger_than_there_are_shapes(
    asked, tests, trainings, n
):
    table = score_references("c", shapes(trainings, 1), shapes(tests, 0), 1, asked)
    assert set(table[table.method != TEST].n) == {n}


def test_several_tables_are_read_as_one(tmp_path):
    table = score_generator("chair", "Mine", 0, [shapes(3, 1)], shapes(3, 0))
    named = table.assign(category="007", method="NA")
    for name, each in (("a", table), ("b", named)):
        each.to_csv(tmp_path / f"{name}.csv", index=False)
    both = read_scores([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert list(both.index) == list(range(2 * len(table)))
    assert both["method"].tolist() == ["Mine"] * len(table) + ["NA"] * len(table)
    assert both["category"].tolist() == ["chair"] * len(table) + ["007"] * len(table)
