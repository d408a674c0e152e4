"""When training cools down, when it ends, and when it has gone wrong."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

from toposhape.config import Budget

SMOOTHING = 0.9  # share of the past in the smoothed losses
DIVERGED = 5.0  # times its best smoothed value: the loss of a training that has gone wrong ...
DIVERGED_EPOCHS = 5  # ... in so many epochs on end
RECENT_SHARE = 0.1  # of the budget: what "lately" means when the budget ends


class DivergenceError(RuntimeError):
    """Training has diverged; the message names epoch and terms and says what to change."""


@dataclass
class Schedule:
    """Warm-up, a constant learning rate, and a cool-down that begins when training is done.

    The constant part lasts until the watched loss is flat (within `patience_epochs` its smoothed
    value improved by no more than `flat_tolerance`), or until only the cool-down is left of the
    budget.

    Attributes:
        epoch: epochs done.
        smoothed: exponential mean of the watched loss.
        best: the value that an improvement is measured against.
        best_epoch: when it was reached.
        lowest: lowest smoothed training loss.
        smoothed_training: exponential mean of the training loss.
        suspicious_epochs: epochs on end with a training loss far above it.
        cooldown_start: epochs done when the cool-down began; -1: not yet.
        flat: whether flatness began it, not the budget.
        recent: smoothed watched losses of the latest epochs, oldest first.
    """

    epoch: int = 0
    smoothed: float = math.inf
    best: float = math.inf
    best_epoch: int = 0
    lowest: float = math.inf
    smoothed_training: float = math.inf
    suspicious_epochs: int = 0
    cooldown_start: int = -1
    flat: bool = False
    recent: tuple[float, ...] = ()

    def factor(self, settings: Budget) -> float:
        """Share of the full learning rate in the coming epoch."""
        if self.epoch < settings.warmup_epochs:
            return (self.epoch + 1) / (settings.warmup_epochs + 1)
        if self.cooldown_start < 0:
            return 1.0
        done = (self.epoch - self.cooldown_start + 1) / cooldown_epochs(settings)
        return settings.final_learning_rate_share ** min(done, 1.0)

    def finished(self, settings: Budget) -> bool:
        """Whether no epoch is left."""
        if self.epoch >= settings.max_epochs:
            return True
        cooling = self.cooldown_start >= 0
        return cooling and self.epoch - self.cooldown_start >= cooldown_epochs(settings)

    def advance(self, settings: Budget, training_loss: float, watched_loss: float) -> None:
        """Take note of an epoch.

        Args:
            settings: the schedule's bounds.
            training_loss: data loss of the training shapes.
            watched_loss: data loss of the validation shapes, or of the training shapes if there
                are none.
        """
        self.epoch += 1
        self._watch_for_divergence(training_loss)
        self.smoothed = _smooth(self.smoothed, watched_loss)
        length = max(2, round(RECENT_SHARE * settings.max_epochs))
        self.recent = (*self.recent, self.smoothed)[-length:]
        if self.smoothed < self.best * (1 - settings.flat_tolerance):
            self.best, self.best_epoch = self.smoothed, self.epoch
        if self.cooldown_start < 0 and self.epoch > settings.warmup_epochs:
            patience = settings.patience_epochs or math.inf
            self.flat = self.epoch - self.best_epoch >= patience
            if self.flat or self.epoch >= settings.max_epochs - cooldown_epochs(settings):
                self.cooldown_start = self.epoch

    def stop_reason(self, settings: Budget, watched: str) -> str:
        """Why training ended, for a person."""
        if self.flat:
            return (
                f"{watched} loss flat at epoch {self.cooldown_start}: no improvement of more than "
                f"{settings.flat_tolerance:.1%} in {settings.patience_epochs} epochs; "
                f"cooled down until epoch {self.epoch}"
            )
        change = self.recent[-1] / self.recent[0] - 1
        how = f"still fell by {-change:.1%}" if change < 0 else f"rose by {change:.1%}"
        return (
            f"budget of {settings.max_epochs} epochs ended; {watched} loss {how} "
            f"in the last {len(self.recent)} epochs"
        )

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The schedule of a checkpoint."""
        return cls(**{**state, "recent": tuple(state["recent"])})

    def _watch_for_divergence(self, training_loss: float) -> None:
        if training_loss > DIVERGED * self.lowest:
            self.suspicious_epochs += 1
        else:
            self.suspicious_epochs = 0
        self.smoothed_training = _smooth(self.smoothed_training, training_loss)
        self.lowest = min(self.lowest, self.smoothed_training)


def cooldown_epochs(settings: Budget) -> int:
    """How many epochs the cool-down lasts."""
    return max(1, round(settings.cooldown_share * settings.max_epochs))


def check_progress(
    terms: dict[str, float],
    schedule: Schedule,
    kept: str,
    section: str = "shape_generator.training",
) -> None:
    """Stop a training that has diverged.

    Args:
        terms: the epoch's losses by name.
        schedule: with this epoch noted.
        section: where in the configuration the learning rate stands, for the message.
        kept: what remains of the training, for the message.

    Raises:
        DivergenceError: if a term is not finite, or the loss stays far above its lowest value.
    """
    broken = [name for name, value in terms.items() if not math.isfinite(value)]
    listed = ", ".join(f"{name} {value:.3g}" for name, value in terms.items())
    if not broken and schedule.suspicious_epochs < DIVERGED_EPOCHS:
        return
    what = (
        f"{' and '.join(broken)} became not finite in epoch {schedule.epoch}"
        if broken
        else f"the data loss is more than {DIVERGED:g} times its lowest value "
        f"{schedule.lowest:.3g} since epoch {schedule.epoch - DIVERGED_EPOCHS + 1}"
    )
    raise DivergenceError(
        f"training diverged: {what} ({listed}). Lower {section}.learning_rate or "
        f"gradient_clip, or the weight of the term that grew. {kept}"
    )


def _smooth(past: float, value: float) -> float:
    return value if math.isinf(past) else SMOOTHING * past + (1 - SMOOTHING) * value
