"""How long any training lasts."""

from typing import Literal, Self

from pydantic import model_validator

from .base import Count, NotNegative, Positive, PositiveShare, Settings, Share, key


def require_short_warmup(warmup_epochs: int, epochs: int, key: str) -> None:
    """Refuse a training that would end before its learning rate has risen.

    Raises:
        ValueError: if all epochs are warm-up.
    """
    if warmup_epochs >= epochs:
        raise ValueError(
            f"warmup_epochs {warmup_epochs} must be below {key} {epochs}: the learning rate would "
            "never be reached"
        )


class Budget(Settings):
    """How long a training lasts and how its learning rate goes."""

    max_epochs: Count = key(
        600, "the budget; training ends before it when the loss is flat", unit="epochs"
    )
    warmup_epochs: int = key(5, "the learning rate rises over these", unit="epochs", ge=0)
    cooldown_share: Share = key(0.4, "of the budget, over which the learning rate falls at the end")
    patience_epochs: Count | None = key(
        None, "flat: no better validation loss over so many ...; null: never", unit="epochs"
    )
    flat_tolerance: Share = key(0.01, "... by more than this share")
    final_learning_rate_share: PositiveShare = key(
        0.02, "what is left of learning rates at the end"
    )
    gradient_clip: Positive = key(1.0, "largest norm of a gradient")
    checkpoint_every: Count = key(
        10, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )

    @model_validator(mode="after")
    def _warmup_ends(self) -> Self:
        require_short_warmup(self.warmup_epochs, self.max_epochs, "max_epochs")
        return self


class StageTraining(Settings):
    """How a stage with one network is trained: warm-up, then a cosine to the final rate."""

    epochs: Count = key(..., "passes over the training shapes")
    warmup_epochs: int = key(5, "the learning rate rises, then falls by half a cosine", ge=0)
    shapes_per_batch: Count = key(4, "of a step")
    shapes_per_micro_batch: Count | None = key(
        None, "shapes of a step in memory at a time, with the same gradient; null: all"
    )
    precision: Literal["float32", "tf32", "bfloat16"] = key(
        "float32",
        "of steps: float32; tf32, on GPUs; bfloat16, attention and feed-forward layers",
        source="published: float32",
    )
    optimiser: Literal["adam", "muon"] = key(
        "muon",
        "muon: matrices of the layers by Muon; adam: AdamW for all",
        source="published: adam",
    )
    learning_rate: Positive = key(1e-3, "of AdamW")
    matrix_learning_rate: Positive = key(2e-2, "of Muon")
    final_learning_rate_share: PositiveShare = key(0.01, "what is left of both at the end")
    weight_decay: NotNegative = key(0.01, "of AdamW", source="published: 0.01")
    gradient_clip: Positive = key(1.0, "largest norm of a gradient")
    checkpoint_every: Count = key(
        10, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )

    @model_validator(mode="after")
    def _warmup_ends(self) -> Self:
        require_short_warmup(self.warmup_epochs, self.epochs, "epochs")
        return self
