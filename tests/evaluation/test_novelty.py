"""Novelty: of shapes near and far, and its place in the tables."""

import numpy as np
import pytest
from made_sets import shapes, value

from toposhape.evaluation.novelty import novelty
from toposhape.evaluation.score_table import (
    FLOOR,
    TEST,
    VALIDATION,
    score_generator,
    score_references,
)


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
