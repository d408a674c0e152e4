"""When training has gone wrong."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .schedule import smooth

DIVERGED = 5.0  # times its best smoothed value: the loss of a training that has gone wrong ...
DIVERGED_EPOCHS = 5  # ... in so many epochs on end


class DivergenceError(RuntimeError):
    """Training has diverged; the message names epoch and terms and says what to change."""


@dataclass
class DivergenceWatch:
    """Notices a training loss that is not finite, or that stays far above what it was.

    Attributes:
        lowest: lowest smoothed training loss.
        smoothed: exponential mean of the training loss.
        suspicious_epochs: epochs on end with a training loss far above the lowest.
    """

    lowest: float = math.inf
    smoothed: float = math.inf
    suspicious_epochs: int = 0

    def note(self, training_loss: float) -> None:
        """Take note of an epoch."""
        far_above = training_loss > DIVERGED * self.lowest
        self.suspicious_epochs = self.suspicious_epochs + 1 if far_above else 0
        self.smoothed = smooth(self.smoothed, training_loss)
        self.lowest = min(self.lowest, self.smoothed)

    def check(self, losses: Mapping[str, float], epoch: int, section: str, kept: str) -> None:
        """Stop a training that has diverged.

        Args:
            losses: of the epoch, by name.
            epoch: which one.
            section: where in the configuration the learning rate stands, for the message.
            kept: what remains of the training, for the message.

        Raises:
            DivergenceError: if a loss is not finite, or the training loss stays far above its
                lowest value.
        """
        broken = [name for name, value in losses.items() if not math.isfinite(value)]
        if not broken and self.suspicious_epochs < DIVERGED_EPOCHS:
            return
        listed = ", ".join(f"{name} {value:.3g}" for name, value in losses.items())
        what = (
            f"{' and '.join(broken)} became not finite in epoch {epoch}"
            if broken
            else f"the training loss is more than {DIVERGED:g} times its lowest value "
            f"{self.lowest:.3g} since epoch {epoch - DIVERGED_EPOCHS + 1}"
        )
        raise DivergenceError(
            f"training diverged: {what} ({listed}). Lower {section}.learning_rate or "
            f"gradient_clip, or the weight of the term that grew. {kept}"
        )

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return asdict(self)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        for name, value in state.items():
            setattr(self, name, value)
