import math

import pytest

from toposhape.config import ShapeTraining
from toposhape.training import DivergenceError
from toposhape.training.schedule import Schedule, check_progress

SETTINGS = ShapeTraining(
    max_epochs=100, warmup_epochs=4, cooldown_share=0.2, patience_epochs=10,
    flat_tolerance=0.01, final_learning_rate_share=0.01,
)  # fmt: skip


def run(watched, training=lambda epoch: 1.0) -> tuple[Schedule, list[float]]:
    schedule, factors = Schedule(), []
    while not schedule.finished(SETTINGS):
        factors.append(schedule.factor(SETTINGS))
        epoch = schedule.epoch
        schedule.advance(SETTINGS, training(epoch), watched(epoch))
    return schedule, factors


def test_a_loss_that_keeps_falling_uses_the_budget_and_says_so():
    schedule, factors = run(lambda epoch: math.exp(-0.02 * epoch))
    assert schedule.epoch == 100
    assert not schedule.flat
    reason = schedule.stop_reason(SETTINGS, "validation")
    assert reason.startswith("budget of 100 epochs ended; validation loss still fell by 16.5% in")
    assert factors[:5] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert factors[79] == 1.0
    assert factors[80:] == sorted(factors[80:], reverse=True)
    assert factors[-1] == pytest.approx(0.01)


def test_a_loss_that_rises_at_the_end_is_said_to_rise():
    schedule, _ = run(lambda epoch: 1 / (epoch + 1) if epoch < 80 else 0.02)
    assert "validation loss rose by " in schedule.stop_reason(SETTINGS, "validation")


def test_a_flat_loss_ends_training_early_and_says_so():
    schedule, factors = run(lambda epoch: 0.5 + 0.5 * math.exp(-0.5 * epoch))
    assert schedule.flat
    assert 20 < schedule.epoch < 80
    assert schedule.epoch == schedule.cooldown_start + 20
    assert factors[schedule.cooldown_start - 1] == 1.0
    assert factors[-1] == pytest.approx(0.01)
    reason = schedule.stop_reason(SETTINGS, "validation")
    assert f"validation loss flat at epoch {schedule.cooldown_start}:" in reason


def test_its_state_survives_json():
    import json

    halfway = Schedule()
    for epoch in range(30):
        halfway.advance(SETTINGS, 1.0, 1 / (epoch + 1))
    again = Schedule.from_state(json.loads(json.dumps(halfway.state())))
    assert again == halfway
    assert Schedule.from_state(json.loads(json.dumps(Schedule().state()))) == Schedule()


def test_a_term_that_is_not_finite_is_named():
    schedule = Schedule()
    schedule.advance(SETTINGS, math.nan, 1.0)
    with pytest.raises(DivergenceError, match=r"data became not finite in epoch 1.*kept here"):
        check_progress({"data": math.nan, "moment_kl": 2.0}, schedule, "kept here")


def test_a_loss_that_explodes_stops_after_some_epochs_but_a_spike_does_not():
    schedule = Schedule()
    for epoch in range(20):
        schedule.advance(SETTINGS, 100.0 if epoch == 10 else 1.0, 1.0)
        check_progress({"data": 1.0}, schedule, "")
    for _ in range(4):
        schedule.advance(SETTINGS, 9.0, 1.0)
        check_progress({"data": 9.0}, schedule, "")
    schedule.advance(SETTINGS, 9.0, 1.0)
    with pytest.raises(
        DivergenceError, match=r"more than 5 times .* since epoch 21.*learning_rate"
    ):
        check_progress({"data": 9.0}, schedule, "")
