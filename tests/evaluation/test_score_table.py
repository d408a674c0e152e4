"""Score tables: what is in them, and that every number is the score of the right sets."""

import numpy as np
import pandas as pd
import pytest
from made_sets import shapes, value

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
from toposhape.evaluation.set_scores import Reference, ShapeSet, score_set
from toposhape.topology import StoredDiagram, diagram_distance


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
    of_diagrams = {f"pd_lap{k}" for k in ("", "_h0", "_h1", "_h2")} | {"energy_distance", "spread"}
    assert set(table[table.method == EMPTY].metric) == of_diagrams
    assert "pd_lap" not in set(table[table.method == TEST].metric)
    assert len(set(table[(table.method == FLOOR) & (table.metric == "pd_lap")].value)) == 3


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
