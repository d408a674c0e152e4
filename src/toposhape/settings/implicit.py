"""Implicit shape generators: DeepSDF's decoder, its variants, its pretraining, its codes."""

from typing import Annotated, Literal

from pydantic import model_validator

from .base import Count, NotNegative, Positive, Settings, Share, Unique, key
from .learning import Budget


class Decoder(Settings):
    """DeepSDF's decoder f(x, z)."""

    width: int = key(128, "of hidden layers", source="DeepSDF: 512", ge=8, le=65_536)
    depth: int = key(6, "hidden layers", source="DeepSDF: 8", ge=2, le=32)
    latent_size: int = key(12, "numbers of a code z", source="DeepSDF: 256", ge=1, le=65_536)
    skip_layers: Annotated[tuple[Count, ...], Unique] = key(
        (3,), "hidden layers, the first is 0, that see x and z again", source="DeepSDF: 4"
    )
    narrow_skip: bool = key(
        False,
        "the layer before a skip layer is narrower by latent_size + 3",
        source="DeepSDF: true",
    )
    weight_norm: bool = key(False, "layers have a norm and a direction", source="DeepSDF: true")
    dropout: float = key(
        0.0, "share of hidden values, in training", source="DeepSDF: 0.2", ge=0, lt=1
    )
    tanh_output: bool = key(False, "distances end in a tanh", source="DeepSDF: true")
    sharpness: Positive = key(
        100, "beta of softplus and of silu, x sigmoid(beta x)", source="IGR: 100"
    )
    sine_frequency: Positive = key(
        10, "omega_0 of the sine activation; 10 by validation shapes", source="SIREN, StEik: 30"
    )
    mirrored: bool = key(
        False,
        "f(|x|, y, z; code) in all categories, not only in those that say so",
        source="ours",
        neutral=False,
    )
    geometric_initialisation: bool = key(True, "start from a sphere", source="IGR")

    @model_validator(mode="after")
    def _skip_layers_exist_and_have_room(self) -> "Decoder":
        if wrong := [i for i in self.skip_layers if not 0 < i < self.depth]:
            raise ValueError(
                f"skip_layers: {wrong} are no hidden layers; with depth {self.depth} "
                f"1 to {self.depth - 1} are"
            )
        require_room_for_skips(self, self.width)
        return self


def require_room_for_skips(decoder: Decoder, width: int) -> None:
    """Refuse a width of which a narrow layer before a skip layer would keep nothing.

    Raises:
        ValueError: if x and z take all of it.
    """
    seen_again = decoder.latent_size + 3
    if decoder.narrow_skip and decoder.skip_layers and seen_again >= width:
        raise ValueError(
            f"narrow_skip: latent_size + 3 = {seen_again} leaves nothing of width {width}; widen "
            "the network or set narrow_skip to false"
        )


class LatentPrior(Settings):
    """What pulls the codes {z_i} towards N(0, I): equation (11), reading 10."""

    shape_weight: NotNegative = key(
        1e-4, "KL of each shape's own posterior", source="DeepSDF: 1e-4 of the codes' norm"
    )
    moment_weight: NotNegative = key(
        1e-3, "KL of the moments of all codes together", source="reading 10"
    )
    initial_mean_deviation: Positive = key(0.9, "of the posteriors' means at the start")
    initial_deviation: Positive = key(0.1, "of each posterior at the start")


class ShapeTraining(Budget):
    """Pretraining of the shape generator: equation (11)."""

    patience_epochs: Count | None = key(
        80,
        "flat: no better validation loss over so many ...; null: the whole budget",
        unit="epochs",
    )
    shapes_per_batch: Count = key(8, "of a step", source="DeepSDF: 64")
    samples_per_shape: int = key(
        256,
        "of a step, half of them inside",
        source="DeepSDF: 16384",
        ge=2,
        le=10_000_000,
        multiple_of=2,
    )
    optimiser: Literal["adam", "muon"] = key(
        "adam",
        "adam; or muon for hidden matrices, which needs fewer steps",
        source="docs/training.md; paper: adam",
    )
    learning_rate: Positive = key(
        1e-3, "of the network; with muon: of what is no hidden matrix", source="DeepSDF: 0.0005"
    )
    matrix_learning_rate: Positive = key(1e-2, "of hidden matrices, with muon")
    code_learning_rate: Positive = key(4e-3, "of the codes", source="DeepSDF: 0.001")
    clamp: Positive | None = key(
        None,
        "largest distance that counts; null: none, because deaths of holes reach -0.3",
        source="DeepSDF: 0.1",
    )
    regularised_shapes: Count = key(
        4,
        "synthetic shapes z ~ N(0, I) of a step on which equation (5) is taken",
        source="DiGS: 16",
    )
    regularised_points: Count = key(64, "points x of each", source="DiGS: 15000")
    regularise_every: Count = key(
        2,
        "... in every so many steps; its weight is that of these steps: over all steps 2 halves it",
        source="DiGS: 1",
    )
    shapes_per_micro_batch: Count | None = key(
        None, "shapes of a step in memory at a time, with the same gradient; null: all"
    )
    precision: Literal["float32", "tf32", "bfloat16"] = key(
        "float32",
        "of the data term: float32; tf32, on GPUs; bfloat16, hidden layers",
        source="docs/gpu.md",
    )
    compiled: bool = key(False, "networks by torch.compile, where the data term needs them")
    processes: int = key(1, "that share one pretraining, each with a GPU of its own", ge=1, le=1024)
    codes: LatentPrior = key(LatentPrior(), "the pull to N(0, I)", source="reading 10")


class ShapeGenerator(Settings):
    """The implicit shape generator that all methods share."""

    decoder: Decoder = key(Decoder(), "DeepSDF's decoder f(x, z)")
    training: ShapeTraining = key(ShapeTraining(), "pretraining, equation (11)")


class Regularisation(Settings):
    """The geometric regulariser l_reg, equation (5), on synthetic shapes."""

    weight: NotNegative = key(
        0.0, "lambda_reg of equations (11) and (13); 0: not used", source="reading 9"
    )
    eikonal_power: float = key(1.0, "p", source="StEik: 1", ge=1, le=4)
    divergence_weight: NotNegative = key(0.0, "of the directional divergence", source="StEik")
    divergence_until: Share = key(
        0.5, "share of the budget after which it has faded to 0", source="StEik anneals it"
    )


class Variant(Settings):
    """A shape generator as it is pretrained: what methods start from."""

    activation: Literal["relu", "silu", "softplus", "sine"] = key(
        "relu", "relu, silu, softplus or sine; silu takes a tenth of softplus's time"
    )
    lipschitz_weight: NotNegative = key(
        0.0,
        "of the product of the layers' bounds; 0: layers are free",
        source="reading 14, Liu et al. 2022: 1e-6",
    )
    regularisation: Regularisation = key(Regularisation(), "equation (5)", source="reading 9")

    @model_validator(mode="after")
    def _second_derivatives_exist(self) -> "Variant":
        needs_curvature = self.regularisation.divergence_weight * self.regularisation.weight > 0
        if needs_curvature and self.activation == "relu":
            raise ValueError(
                "regularisation.divergence_weight needs second derivatives, which vanish on a "
                "ReLU network: set activation to silu, softplus or sine"
            )
        return self


class Reconstruction(Settings):
    """Fitting a code to a test shape (DeepSDF's reconstruction), for CD-mean's third reading."""

    steps: Count = key(
        300,
        "fewer, with a larger rate, fit validation shapes better",
        source="docs/training.md; DeepSDF: 800",
    )
    samples_per_shape: int = key(
        256, "of a step", source="DeepSDF: 8000", ge=2, le=10_000_000, multiple_of=2
    )
    learning_rate: Positive = key(2e-2, "of the code", source="DeepSDF: 0.005")
    prior_weight: NotNegative = key(1e-4, "of the code's squared norm", source="DeepSDF: 1e-4")
    surface_points: int = key(
        30_000, "of a shape in these Chamfer distances", source="DeepSDF: 30000", ge=1, le=1_000_000
    )
