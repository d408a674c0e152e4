"""Score tables: what is in them, and that every number is the score of the right sets."""

import numpy as np
import pandas as pd
import pytest

from toposhape.evaluation.chamfer import chamfer_matrix
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import (
    COLUMNS,
    EMPTY,
    FLOOR,
    MEDOID,
    TEST,
    read_scores,
    score_generator,
    score_references,
)
from toposhape.evaluation.scores import assigned, nearest
from toposhape.evaluation.set_scores import Reference, ShapeSet, score_set
from toposhape.topology.tables import StoredDiagram


def shapes(count, seed, centre=0.0):
    random = np.random.default_rng(seed)
    diagrams = []
    for _ in range(count):
        death = random.normal(0, 0.05, (3, 2, 1)).astype(np.float32)
        life = random.uniform(0.02, 0.2, (3, 2, 1)).astype(np.float32)
        diagrams.append(StoredDiagram(tuple(np.concatenate([death, death + life], axis=2))))
    return ShapeSet(
        diagrams,
        random.normal(centre, 0.3, (count, 64, 3)).astype(np.float32),
        np.stack([np.arange(count) % 2 + 1, np.full(count, 3), np.zeros(count, int)], axis=1),
        np.ones(count, int),
        np.zeros(count, bool),
    )


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


def test_chamfer_scores_are_of_test_against_synthetic():
    test, synthetic = shapes(5, 0), shapes(5, 1, centre=0.2)
    scores = score_set(synthetic, Reference.of(test))
    matrix = chamfer_matrix(test.surfaces, synthetic.surfaces)
    assert scores["cd_nearest"] == pytest.approx(nearest(matrix))
    assert scores["cd_nearest"] != pytest.approx(nearest(matrix.T), rel=1e-6)
    assert scores["cd_assigned"] == pytest.approx(assigned(matrix))


def test_a_generator_has_every_metric_of_every_draw():
    draws = [shapes(4, seed) for seed in (1, 2, 3)]
    of_diagrams = dict.fromkeys(
        ("generator_pd_lap", "pd_lap_training", "generator_pd_lap_training"), 0.5
    )
    table = score_generator(
        "chair", "Mine", 7, draws, shapes(4, 0), [0.1, 0.3], draws[:2], of_diagrams
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
    assert set(table.method) == {FLOOR, MEDOID, EMPTY, TEST}
    assert table[table.method == FLOOR].groupby("metric").size().eq(3).all()
    points = [np.diff(d.points[k])[:, 0] ** 2 / 2 for d in test.diagrams for k in range(3)]
    assert value(table, EMPTY, "pd_lap") == pytest.approx(np.concatenate(points).sum() / 4)
    assert set(table[table.method == EMPTY].metric) == {f"pd_lap{k}" for k in ("", *SUFFIXES)}
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
    table.assign(metric="beauty").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ValueError, match="no such metric.*beauty"):
        read_scores([tmp_path / "b.csv"])
    table.drop(columns="n").to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(ValueError, match="has columns"):
        read_scores([tmp_path / "c.csv"])


def test_a_set_with_too_few_surfaces_is_refused():
    good = shapes(3, 0)
    with pytest.raises(ValueError, match="'surfaces': 2"):
        ShapeSet(good.diagrams, good.surfaces[:2], good.betti, good.dilated_pieces, good.empty)
