"""Learning rates of every epoch, and when training ends."""

import json
import math

import pytest

from toposhape.learning.schedule import Cosine, FlatThenCooldown, Schedule
from toposhape.settings.learning import Budget

BUDGET = Budget(
    max_epochs=100, warmup_epochs=4, cooldown_share=0.2, patience_epochs=10,
    flat_tolerance=0.01, final_learning_rate_share=0.01,
)  # fmt: skip


def run(watched, schedule: Schedule | None = None) -> tuple[Schedule, list[float]]:
    schedule, factors = schedule or FlatThenCooldown.of(BUDGET), []
    while not schedule.finished():
        factors.append(schedule.factor())
        schedule.advance(watched(schedule.epoch))
    return schedule, factors


def test_a_loss_that_keeps_falling_uses_the_budget_and_says_so():
    schedule, factors = run(lambda epoch: math.exp(-0.02 * epoch))
    assert schedule.epoch == 100
    assert not schedule.flat
    reason = schedule.stop_reason("validation")
    assert reason.startswith("budget of 100 epochs ended; validation loss still fell by 16.5% in")
    assert factors[:5] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert factors[79] == 1.0
    assert factors[80:] == pytest.approx([0.01 ** ((i + 1) / 20) for i in range(20)])


def test_a_loss_that_rises_at_the_end_is_said_to_rise():
    schedule, _ = run(lambda epoch: 1 / (epoch + 1) if epoch < 80 else 0.02)
    assert "validation loss rose by " in schedule.stop_reason("validation")


def test_a_flat_loss_ends_training_early_and_says_so():
    schedule, factors = run(lambda epoch: 0.5 + 0.5 * math.exp(-0.5 * epoch))
    assert schedule.flat
    assert 20 < schedule.epoch < 80
    assert schedule.epoch == schedule.cooldown_start + 20
    assert factors[schedule.cooldown_start - 1] == 1.0
    assert factors[-1] == pytest.approx(0.01)
    reason = schedule.stop_reason("validation")
    assert f"validation loss flat at epoch {schedule.cooldown_start}:" in reason
    assert "no improvement of more than 1.0% in 10 epochs" in reason


@pytest.mark.parametrize("patience", [3, 10])
def test_patience_is_the_number_of_epochs_without_improvement(patience):
    """Of a constant loss no epoch after the first is an improvement."""
    budget = BUDGET.model_copy(update={"patience_epochs": patience, "flat_tolerance": 0.0})
    schedule, factors = run(lambda epoch: 1.0, FlatThenCooldown.of(budget))
    assert schedule.best_epoch == 1
    assert schedule.cooldown_start == max(1 + patience, budget.warmup_epochs + 1)
    assert factors[schedule.cooldown_start - 1] == 1 > factors[schedule.cooldown_start]


def test_an_improvement_by_less_than_the_tolerance_is_none():
    kept = FlatThenCooldown(100, 0, tolerance=0.1)
    for watched in (1.0, 0.5):  # smoothed: 1, 0.95
        kept.advance(watched)
    assert (kept.best, kept.best_epoch) == (1.0, 1)
    kept.advance(0.0)  # smoothed: 0.855
    assert kept.best == pytest.approx(0.855)
    assert kept.best_epoch == 3


def test_half_a_cosine():
    _, factors = run(lambda epoch: 1.0, Cosine(105, 5, final_share=0.1))
    assert factors[:5] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])
    assert factors[5] == 1
    assert factors[30] == pytest.approx(0.1 + 0.9 * (0.5 + 0.5 * math.sqrt(0.5)))
    assert factors[55] == pytest.approx(0.55)
    assert factors[104] == pytest.approx(0.1, abs=1e-3)
    assert len(factors) == 105


def test_a_cosine_ends_when_all_epochs_are_done_whatever_the_loss():
    schedule, _ = run(lambda epoch: math.nan, Cosine(7, 2))
    assert schedule.stop_reason("training") == "all 7 epochs done"


@pytest.mark.parametrize("made", [lambda: FlatThenCooldown.of(BUDGET), lambda: Cosine(100, 4)])
def test_a_state_survives_json(made):
    halfway, again = made(), made()
    again.restore(json.loads(json.dumps(made().state())))
    assert again == made()
    for epoch in range(30):
        halfway.advance(1 / (epoch + 1))
    again.restore(json.loads(json.dumps(halfway.state())))
    assert again == halfway
    assert again.factor() == halfway.factor()
