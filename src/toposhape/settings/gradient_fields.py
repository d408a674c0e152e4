"""The settings of ShapeGF: a denoiser of points and a prior of the codes of shapes."""

from typing import Literal, Self

from pydantic import model_validator

from .base import Count, NotNegative, Positive, Settings, key
from .learning import StageTraining
from .vector_sets import HeunSampler, SetDenoiser, SetDiffusionTraining


def require_falling_noise(most: float, least: float) -> None:
    """Refuse levels of noise that do not fall.

    Raises:
        ValueError: if the smallest is not below the largest.
    """
    if least >= most:
        raise ValueError(f"least_noise {least:g} must be below most_noise {most:g}")


class PointEncoder(Settings):
    """A PointNet: points of a shape -> its code."""

    widths: tuple[Count, ...] = key(
        (64, 128, 256),
        "of the layers that every point goes through; the largest values of the last are kept",
        source="published: 128, 128, 256, 512",
        min_length=1,
        max_length=16,
    )
    head: tuple[Count, ...] = key(
        (128,), "of the layers from there to the code", source="published: 256, 128", max_length=16
    )
    batch_norm: bool = key(False, "after every layer", source="published: true")
    latent_size: int = key(32, "numbers of a code", source="published: 128", ge=1, le=65_536)


class PointDenoiser(Settings):
    """A noisy point, its shape's code and the noise's deviation -> where the point was."""

    width: int = key(128, "of all blocks", source="published: 256", ge=8, le=65_536)
    blocks: int = key(4, "residual blocks", source="published: 24", ge=1, le=128)
    conditioning: Literal["scale_shift", "add", "batch_norm", "none"] = key(
        "scale_shift",
        "how blocks know the code: scale and shift of a layer norm; a map of point, code and "
        "deviation added to each block, with batch norm; conditional batch norm of these; or not, "
        "with batch norm",
        source="published: add in the released weights, batch_norm in the text",
    )
    conditioned_by_point: bool = key(
        True,
        "of add and batch_norm: blocks see the point beside code and deviation",
        source="published: true",
        neutral=True,
    )
    code_with_point: bool = key(
        False,
        "the code enters with the point and the deviation, too",
        source="published: true",
        neutral=False,
    )
    shortcuts: bool = key(
        True, "a block's input is added to its output", source="published: true", neutral=True
    )
    octaves: int = key(
        4,
        "of sines of a point; 0: the point and the deviation enter as they are",
        source="published: 0",
        ge=0,
        le=16,
    )
    scaled: bool = key(
        True,
        "the network says the displacement in deviations of the noise; false: in length",
        source="published: false",
    )

    @model_validator(mode="after")
    def _knows_the_code(self) -> Self:
        if self.conditioning == "none" and not self.code_with_point:
            raise ValueError("conditioning none: only code_with_point tells the shape; set it")
        return self


class GradientFieldTraining(StageTraining):
    """Denoising score matching, with the encoder."""

    epochs: Count = key(150, "passes over the training shapes", source="published: 2000")
    warmup_epochs: int = key(
        3, "the learning rate rises, then falls by half a cosine", source="published: 0", ge=0
    )
    shapes_per_batch: Count = key(16, "of a step", source="published: 64, code: 32")
    learning_rate: Positive = key(2e-3, "of AdamW", source="published: 0.001")
    matrix_learning_rate: Positive = key(2e-2, "of Muon")
    weight_decay: NotNegative = key(0.0, "of AdamW", source="published: 0")
    averaging: float = key(
        0.99,
        "of the weights: share of the past in a step's mean",
        source="published: 0",
        ge=0,
        lt=1,
    )
    precision: Literal["float32", "tf32", "bfloat16"] = key(
        "float32",
        "of steps: float32; tf32, on GPUs; bfloat16, within the blocks and the PointNet",
        source="published: float32",
    )
    points: Count = key(256, "of a shape in a step", source="published: 2048")
    encoded_points: Count = key(
        256, "others, from which the shape is encoded", source="published: the same 2048"
    )
    most_noise: Positive = key(1.0, "largest deviation", source="published: 1")
    least_noise: Positive = key(0.01, "smallest deviation", source="published: 0.01")
    levels: int | None = key(
        None,
        "deviations in geometric steps; null: any between, log-uniform",
        source="published: 10",
        ge=2,
        le=10_000,
    )
    levels_per: Literal["point", "shape"] = key(
        "point", "whose deviation is drawn by itself", source="published: shape"
    )
    weight: Literal["even", "published"] = key(
        "even",
        "of squared displacements: even, 1 / s^2, makes all levels count alike; published, 1 / s",
        source="published: 1 / s",
    )

    @model_validator(mode="after")
    def _noise_falls(self) -> Self:
        require_falling_noise(self.most_noise, self.least_noise)
        return self


class CodeDiffusionTraining(SetDiffusionTraining):
    """EDM's loss on codes."""

    epochs: Count = key(600, "passes over the training shapes", source="not in the paper")
    averaging: float = key(
        0.99,
        "of the weights: share of the past in a step's mean",
        source="not in the paper",
        ge=0,
        lt=1,
    )


class CodeGan(Settings):
    """Two networks without convolutions, against each other."""

    noise_size: int = key(128, "numbers of noise", source="published: 128", ge=1, le=65_536)
    noise_deviation: Positive = key(1.0, "of these", source="code: 1; paper: 0.2")
    widths: tuple[Count, ...] = key(
        (256, 256), "of the generator's layers", source="published: 256, 256", max_length=16
    )
    critic_widths: tuple[Count, ...] = key(
        (512, 512), "of the critic's layers", source="published: 512, 512", max_length=16
    )


class CodeGanTraining(Settings):
    """Wasserstein's loss with a penalty of the critic's gradient."""

    epochs: Count = key(600, "passes over the training shapes", source="code: 10000, paper: 5000")
    shapes_per_batch: Count = key(64, "of a step", source="published: 256")
    learning_rate: Positive = key(
        1e-4, "of Adam (0.5, 0.9), for both networks", source="published: 0.0001"
    )
    critic_steps: int = key(1, "for each of the generator", source="published: 1", ge=1, le=100)
    penalty: Literal["zero_centred", "gulrajani"] = key(
        "zero_centred",
        "zero_centred: (mean norm at true codes)^2; gulrajani: (norm - 1)^2 between true and made",
        source="code: zero_centred, paper: gulrajani",
    )
    penalty_weight: NotNegative = key(1.0, "of that", source="code: 1")
    views: int = key(
        8,
        "times that a shape is encoded, each from other points",
        source="published: anew in every step",
        ge=1,
        le=100_000,
    )
    checkpoint_every: Count = key(
        100, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )


class PointSampler(Settings):
    """From any points to points of a shape."""

    kind: Literal["ancestral", "langevin", "heun"] = key(
        "ancestral",
        "ancestral: a draw of the next level's points; langevin: annealed; heun: without noise",
        source="published: langevin",
    )
    levels: int = key(24, "of noise, in geometric steps", source="published: 10", ge=2, le=100_000)
    steps: Count = key(10, "at each level, of langevin", source="published: 10")
    step_size: Positive = key(
        2e-4, "alpha of langevin, at the smallest level", source="published: 0.0002"
    )
    most_noise: Positive = key(1.0, "largest deviation", source="published: 1")
    least_noise: Positive = key(0.01, "smallest deviation", source="published: 0.01")
    start: Literal["uniform", "gaussian", "point"] = key(
        "uniform",
        "points before: uniform in [-1.5, 1.5]^3, N(0, I), or all at the origin",
        source="published: uniform",
    )

    @model_validator(mode="after")
    def _noise_falls(self) -> Self:
        require_falling_noise(self.most_noise, self.least_noise)
        return self


class OuterSheet(Settings):
    """From a cloud to a signed distance."""

    points: int = key(
        8192,
        "of the cloud; a sheet of fewer leaks",
        source="not in the paper",
        ge=6000,
        le=10_000_000,
    )
    offset: Positive = key(
        0.06,
        "of the sheet from the surface; above the cloud's largest hole, at least 0.9 grid steps",
        unit="normalised units",
        source="not in the paper",
        lt=0.5,
    )
    neighbours: int = key(
        1,
        "nearest points whose root mean square distance counts; several are calmer if points are "
        "noisy",
        source="not in the paper",
        ge=1,
        le=1000,
    )
    outlier_factor: NotNegative = key(
        2.0,
        "a point of the cloud is left out if its 8th neighbour is farther than so many medians; "
        "0: none is",
        source="not in the paper",
    )

    @model_validator(mode="after")
    def _half_of_the_cloud_stays(self) -> Self:
        if 0 < self.outlier_factor < 1:
            raise ValueError("outlier_factor below 1 leaves out most points; 0: none")
        return self


class GradientFields(Settings):
    """ShapeGF for one category."""

    encoder: PointEncoder = key(PointEncoder(), "points of a shape -> its code")
    denoiser: PointDenoiser = key(PointDenoiser(), "noisy point, code, deviation -> the point")
    training: GradientFieldTraining = key(
        GradientFieldTraining(), "denoising score matching, with the encoder"
    )
    diffusion: SetDenoiser = key(
        SetDenoiser(width=64, layers=3), "of codes: prior diffusion", source="not in the paper"
    )
    diffusion_training: CodeDiffusionTraining = key(
        CodeDiffusionTraining(), "denoising of codes", source="EDM"
    )
    diffusion_sampler: HeunSampler = key(HeunSampler(), "of codes, by Heun's method", source="EDM")
    gan: CodeGan = key(CodeGan(), "of codes: prior gan, the published one")
    gan_training: CodeGanTraining = key(CodeGanTraining(), "generator against critic")
    sampler: PointSampler = key(PointSampler(), "from any points to points of a shape")
    surface: OuterSheet = key(
        OuterSheet(), "signed distance of a dense cloud", source="docs/point_clouds.md"
    )

    @model_validator(mode="after")
    def _every_level_has_statistics(self) -> "GradientFields":
        """Batch norm of a part of a batch is another one."""
        normalised = self.encoder.batch_norm or self.denoiser.conditioning != "scale_shift"
        if normalised and self.training.shapes_per_micro_batch:
            raise ValueError(
                "training.shapes_per_micro_batch: batch norm (encoder.batch_norm, "
                "denoiser.conditioning) needs whole batches; null: whole ones"
            )
        return self
