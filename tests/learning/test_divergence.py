import json
import math

import pytest

from toposhape.learning.divergence import DivergenceError, DivergenceWatch


def test_a_term_that_is_not_finite_is_named():
    watch = DivergenceWatch()
    watch.note(math.nan)
    with pytest.raises(
        DivergenceError,
        match=r"data became not finite in epoch 7 \(data nan, moment_kl 2\).*"
        r"Lower joint_training\.learning_rate.*kept here",
    ):
        watch.check({"data": math.nan, "moment_kl": 2.0}, 7, "joint_training", "kept here")


def test_a_loss_that_explodes_stops_after_some_epochs_but_a_spike_does_not():
    watch = DivergenceWatch()
    losses = [100.0 if epoch == 10 else 1.0 for epoch in range(20)] + [9.0] * 4
    for epoch, loss in enumerate(losses, start=1):
        watch.note(loss)
        watch.check({"data": loss}, epoch, "", "")
    watch.note(9.0)
    with pytest.raises(
        DivergenceError, match=r"more than 5 times its lowest value 1 since epoch 21 .*rate"
    ):
        watch.check({"data": 9.0}, 25, "section", "")


def test_just_five_times_the_lowest_is_no_divergence():
    watch = DivergenceWatch()
    for loss in [1.0] + [5.0] * 20:
        watch.note(loss)
        watch.check({"data": loss}, 1, "", "")
    assert watch.lowest == 1.0


def test_its_state_survives_json():
    watch, again = DivergenceWatch(), DivergenceWatch()
    for loss in (None, 1.0, 7.0, 8.0):
        if loss is not None:
            watch.note(loss)
        again.restore(json.loads(json.dumps(watch.state())))
        assert again == watch
    assert again.suspicious_epochs == 2
