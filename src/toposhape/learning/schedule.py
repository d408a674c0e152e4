"""The learning rate of every epoch, and when training ends: flat then cool-down, or a cosine."""

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from toposhape.settings.learning import Budget

RECENT_SHARE = 0.1  # of the budget: what "lately" means when the budget ends
SMOOTHING = 0.9  # share of the past in the smoothed losses


@dataclass
class Schedule(ABC):
    """What the learning rate is in an epoch, and whether one is left.

    Attributes:
        max_epochs: no training lasts longer.
        warmup_epochs: over which the learning rate rises linearly.
        epoch: epochs done.
    """

    max_epochs: int
    warmup_epochs: int
    epoch: int = 0

    def factor(self) -> float:
        """Share of the full learning rate in the coming epoch."""
        if self.epoch < self.warmup_epochs:
            return (self.epoch + 1) / (self.warmup_epochs + 1)
        return self._factor_when_warm()

    def advance(self, watched_loss: float) -> None:
        """Take note of an epoch and of the loss that says whether another one helps."""
        del watched_loss
        self.epoch += 1

    def finished(self) -> bool:
        """Whether no epoch is left."""
        return self.epoch >= self.max_epochs

    @abstractmethod
    def stop_reason(self, watched: str) -> str:
        """Why training has ended, for a person; `watched` names the loss that was watched."""

    def state(self) -> dict[str, Any]:
        """What changes, as JSON holds it: for checkpoints."""
        return asdict(self)

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state of the same schedule."""
        for each in fields(self):
            setattr(self, each.name, state[each.name])

    @abstractmethod
    def _factor_when_warm(self) -> float: ...


@dataclass
class Cosine(Schedule):
    """After the warm-up half a cosine, from the full learning rate to a share of it.

    Attributes:
        final_share: what is left of the learning rate at the end.
    """

    final_share: float = 0.0

    def stop_reason(self, watched: str) -> str:
        """That all epochs are done."""
        return f"all {self.epoch} epochs done"

    def _factor_when_warm(self) -> float:
        done = (self.epoch - self.warmup_epochs) / max(1, self.max_epochs - self.warmup_epochs)
        return self.final_share + (1 - self.final_share) * 0.5 * (1 + math.cos(math.pi * done))


@dataclass
class FlatThenCooldown(Schedule):
    """A constant learning rate, and a cool-down that begins when training is done.

    The constant part lasts until the watched loss is flat (within `patience` epochs its smoothed
    value improved by no more than `tolerance`), or until only the cool-down is left of the budget.

    Attributes:
        cooldown_epochs: how long the learning rate falls at the end.
        final_share: what is left of it then.
        patience: epochs; infinite: nothing but the budget ends it.
        tolerance: the least improvement, as a share.
        smoothed: exponential mean of the watched loss.
        best: the value that an improvement is measured against.
        best_epoch: when it was reached.
        cooldown_start: epochs done when the cool-down began; -1: not yet.
        flat: whether flatness began it, not the budget.
        recent: smoothed watched losses of the latest epochs, oldest first.
    """

    cooldown_epochs: int = 1
    final_share: float = 1.0
    patience: float = math.inf
    tolerance: float = 0.0
    smoothed: float = math.inf
    best: float = math.inf
    best_epoch: int = 0
    cooldown_start: int = -1
    flat: bool = False
    recent: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, budget: Budget) -> "FlatThenCooldown":
        """The schedule that a budget asks for."""
        return cls(
            budget.max_epochs,
            budget.warmup_epochs,
            cooldown_epochs=max(1, round(budget.cooldown_share * budget.max_epochs)),
            final_share=budget.final_learning_rate_share,
            patience=budget.patience_epochs or math.inf,
            tolerance=budget.flat_tolerance,
        )

    def advance(self, watched_loss: float) -> None:
        """Take note of an epoch; the cool-down begins when the watched loss is flat."""
        super().advance(watched_loss)
        self.smoothed = smooth(self.smoothed, watched_loss)
        length = max(2, round(RECENT_SHARE * self.max_epochs))
        self.recent = [*self.recent, self.smoothed][-length:]
        if self.smoothed < self.best * (1 - self.tolerance):
            self.best, self.best_epoch = self.smoothed, self.epoch
        if self.cooldown_start < 0 and self.epoch > self.warmup_epochs:
            self.flat = self.epoch - self.best_epoch >= self.patience
            if self.flat or self.epoch >= self.max_epochs - self.cooldown_epochs:
                self.cooldown_start = self.epoch

    def finished(self) -> bool:
        """Whether the budget or the cool-down is over."""
        cooled = self.cooldown_start >= 0 and self._since_cooldown() >= self.cooldown_epochs
        return super().finished() or cooled

    def stop_reason(self, watched: str) -> str:
        """Whether the loss was flat; if not, how it changed lately."""
        if self.flat:
            return (
                f"{watched} loss flat at epoch {self.cooldown_start}: no improvement of more than "
                f"{self.tolerance:.1%} in {self.patience} epochs; "
                f"cooled down until epoch {self.epoch}"
            )
        change = self.recent[-1] / self.recent[0] - 1
        how = f"still fell by {-change:.1%}" if change < 0 else f"rose by {change:.1%}"
        return (
            f"budget of {self.max_epochs} epochs ended; {watched} loss {how} "
            f"in the last {len(self.recent)} epochs"
        )

    def _factor_when_warm(self) -> float:
        if self.cooldown_start < 0:
            return 1.0
        factor: float = self.final_share ** min(
            (self._since_cooldown() + 1) / self.cooldown_epochs, 1.0
        )
        return factor

    def _since_cooldown(self) -> int:
        return self.epoch - self.cooldown_start


def smooth(past: float, value: float) -> float:
    """An exponential mean with one value more; infinite: there is no past."""
    return value if math.isinf(past) else SMOOTHING * past + (1 - SMOOTHING) * value
