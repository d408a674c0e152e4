"""The diagram generator."""

from typing import Literal

from .base import Count, NotNegative, Positive, PositiveShare, Settings, Share, key
from .learning import Budget


class DiagramNetwork(Settings):
    """PD_k(z), a PointNet that decodes: reading 7."""

    embedding_size: Count = key(16, "of each point")
    width: Count = key(64, "of the shared networks", source="PointNet: 64 to 1024")
    rectifier: Literal["straight_through", "relu", "softplus"] = key(
        "straight_through",
        "straight_through: a point on the diagonal keeps a tenth of its gradient; relu; softplus",
        source="paper: relu",
    )


class DiagramTraining(Budget):
    """Pretraining of the diagram generator: equation (12)."""

    max_epochs: Count = key(150, "the budget", unit="epochs")
    cooldown_share: Share = key(0.5, "of the budget, over which the learning rate falls at the end")
    final_learning_rate_share: PositiveShare = key(0.03, "what is left of it at the end")
    checkpoint_every: Count = key(
        50, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )
    matching: Literal["forced", "optimal"] = key(
        "forced",
        "forced: every target takes a point; optimal: as in equation (1), which lets points die",
        source="reading 7",
    )
    shapes_per_batch: Count = key(16, "of a step")
    learning_rate: Positive = key(2e-3, "of Adam")
    smoothness_weight: NotNegative = key(0.01, "lambda_s of equation (12)")
    smoothness_step: Positive = key(0.05, "epsilon of equation (10)")
    smoothness_matching: Literal["index", "optimal"] = key(
        "index", "d_PD-C of equation (10): points of the same index, or optimal", source="reading 8"
    )
    smoothness_codes: Count = key(16, "z of a step at which (10) is taken")


class DiagramGeneratorSettings(Settings):
    """The diagram generator that all methods share."""

    network: DiagramNetwork = key(DiagramNetwork(), "a PointNet that decodes", source="reading 7")
    training: DiagramTraining = key(DiagramTraining(), "pretraining, equation (12)")
