"""Joint training of both generators."""

from pydantic import model_validator

from .base import Count, NotNegative, Positive, PositiveShare, Settings, Share, key


class JointTraining(Settings):
    """The second stage, equations (13) to (15); a method may set some keys otherwise."""

    steps: Count = key(
        500,
        "of the shape generator; epochs of it, of the diagram generator and of the codes alternate",
        source="reading 11",
    )
    warmup_share: Share = key(0.05, "of the steps, over which learning rates rise")
    cooldown_share: Share = key(0.5, "of the steps, over which they fall at the end")
    final_learning_rate_share: PositiveShare = key(0.03, "what is left of them at the end")
    learning_rate: Positive = key(1e-3, "of the shape generator")
    matrix_learning_rate: Positive | None = key(
        None,
        "of its hidden matrices, by Muon; null: Adam learns them, as all else",
        source="paper: null",
        neutral=None,
    )
    code_learning_rate: Positive = key(2e-3, "of the codes")
    diagram_learning_rate: Positive = key(5e-4, "of the diagram generator")
    gradient_clip: Positive = key(1.0, "largest norm of a gradient")
    consistency_clip: Positive = key(
        0.1, "of the consistency term's gradient, clipped by itself: more pull, worse geometry"
    )
    consistency_codes: Count = key(4, "shapes that (8) is taken of in a step")
    anchor_points: int = key(
        256,
        "of each, half near its surface, half near the pretrained one; for methods with an anchor",
        ge=2,
        multiple_of=2,
    )
    resolution: int | None = key(
        None,
        "of the grid of a step's diagrams; null: as shapes.resolution, with another (8) compares "
        "unlikes",
        unit="vertices along an edge",
        source="reading 20",
        ge=8,
        le=512,
    )
    checkpoint_every: Count = key(
        5, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )

    @model_validator(mode="after")
    def _warmup_ends_before_cooldown(self) -> "JointTraining":
        if self.warmup_share + self.cooldown_share > 1:
            raise ValueError("warmup_share + cooldown_share must be at most 1")
        return self

    @property
    def grid(self) -> int:
        """R of the grid of a step's diagrams.

        Raises:
            ValueError: if it is to be that of `shapes.resolution`, which `read_config` fills in.
        """
        if self.resolution is None:
            raise ValueError(
                "joint_training.resolution is null: no read_config has put shapes.resolution there"
            )
        return self.resolution

    def of_method(self, terms: "TopologicalTerms") -> "JointTraining":
        """Joint training with what a method sets otherwise."""
        own = {
            "steps": max(1, round(self.steps * terms.step_factor)),
            "consistency_clip": terms.consistency_clip,
            "matrix_learning_rate": terms.matrix_learning_rate,
        }
        return self.model_copy(update={k: v for k, v in own.items() if v is not None})


class TopologicalTerms(Settings):
    """Weights of the topological terms of a method; all 0: a plain baseline."""

    consistency_weight: NotNegative = key(
        0.0, "lambda_con of (13): diagrams of f(., z) are pulled to PD(z)"
    )
    warped_consistency_weight: NotNegative = key(
        0.0,
        "of the consistency of s tanh(f / s), beside or in place of consistency_weight",
        source="not in the paper",
        neutral=0.0,
    )
    consistency_bandwidth: PositiveShare = key(
        1.0,
        "h: shapes that (8) is taken of have codes sqrt(1 - h^2) mu_i + h eps, mu_i those of the "
        "step's training shapes; 1: z ~ N(0, I)",
        source="paper: 1",
        neutral=1.0,
    )
    step_factor: Positive = key(
        1.0,
        "this method has so many times joint_training.steps",
        source="not in the paper",
        neutral=1.0,
    )
    consistency_clip: Positive | None = key(
        None,
        "in place of joint_training.consistency_clip, for this method",
        source="not in the paper",
        neutral=None,
    )
    matrix_learning_rate: Positive | None = key(
        None,
        "in place of joint_training.matrix_learning_rate, for this method",
        source="not in the paper",
        neutral=None,
    )
    warp: Positive = key(
        0.03,
        "s, about a spacing of the grid: what is deeper counts alike",
        unit="normalised units",
        source="not in the paper",
        neutral=0.03,
    )
    place_radius: Positive | None = key(
        None,
        "r: a point of f's diagram answers for one of PD(z) only nearby, at distance r it costs "
        "what both cost alone; what is missing is asked for where it belongs; null: anywhere",
        unit="normalised units",
        source="not in the paper",
        neutral=None,
    )
    diagram_weight: NotNegative = key(
        0.0,
        "lambda_PD of (14) and (15): PD(z_i) is pulled to the diagrams of shape i",
    )
    smoothness_weight: NotNegative = key(0.0, "lambda_s of (14): PD changes slowly with z")
    pull_weight: NotNegative = key(
        0.0, "lambda_cons of (14): PD(z) is pulled to the diagrams of f(., z)"
    )
    anchor_weight: NotNegative = key(
        0.0,
        "f(., z) is held near the pretrained one, near both surfaces",
        source="not in the paper",
    )
    pretrained_diagrams: bool = key(True, "false: PD starts from nothing", source="reading 12")
    independent_targets: bool = key(
        False, "true: PD(z') with another z' is the target, a control", source="not in the paper"
    )

    @model_validator(mode="after")
    def _weights_act_together(self) -> "TopologicalTerms":
        others = (
            self.diagram_weight + self.smoothness_weight + self.pull_weight + self.anchor_weight
        )
        if others > 0 and not self.uses_diagrams:
            raise ValueError(
                "without consistency_weight or warped_consistency_weight no diagram generator "
                "takes part: set the other weights to 0, too"
            )
        if self.place_radius is not None and self.consistency_bandwidth == 1:
            raise ValueError(
                "place_radius: places are known near training shapes only; set "
                "consistency_bandwidth below 1, to 0.25 say"
            )
        return self

    @property
    def uses_diagrams(self) -> bool:
        """Whether a diagram generator takes part."""
        return self.consistency_weight > 0 or self.warped_consistency_weight > 0
