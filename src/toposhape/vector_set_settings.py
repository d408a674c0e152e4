"""The settings of 3DShape2VecSet: an autoencoder of vector sets and diffusion on them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from toposhape.settings import Count, NotNegative, Positive, Settings, Share


class SetTraining(Settings):
    """How one of the two networks is trained: warm-up, then a cosine to the final rate."""

    epochs: Count
    warmup_epochs: Annotated[int, Field(ge=0)] = 5
    shapes_per_batch: Count = 4
    shapes_per_micro_batch: Count | None = None
    precision: Literal["float32", "tf32", "bfloat16"] = "float32"
    optimiser: Literal["adam", "muon"] = "muon"
    learning_rate: Positive = 1e-3
    matrix_learning_rate: Positive = 2e-2
    final_learning_rate_share: Annotated[float, Field(gt=0, le=1)] = 0.01
    weight_decay: NotNegative = 0.01
    gradient_clip: Positive = 1.0
    checkpoint_every: Count = 10


class SetLayers(Settings):
    """The size of a transformer."""

    width: Annotated[int, Field(ge=8, multiple_of=4)] = 96
    heads: Count = 4
    layers: Annotated[int, Field(ge=0, le=64)] = 2
    feed_forward: Count = 2

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "SetLayers":
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of {self.heads} heads")
        return self


class SetAutoencoder(SetLayers):
    """From surface points to a set of latents, and from these to occupancy."""

    latents: Count = 64
    channels: Count = 8
    queries: Literal["points", "learned"] = "learned"
    frequencies: Annotated[int, Field(ge=1, le=16)] = 8
    decoder_feed_forward: bool = True


class SetAutoencoderTraining(SetTraining):
    """Binary cross-entropy of occupancy and the KL divergence of the latents."""

    epochs: Count = 200
    warmup_epochs: Annotated[int, Field(ge=0)] = 3
    matrix_learning_rate: Positive = 5e-3
    surface_points: Count = 512
    volume_points: Count = 128
    near_points: Annotated[int, Field(ge=2, multiple_of=2)] = 512
    near_weight: NotNegative = 1.0
    kl_weight: NotNegative = 1e-3


class SetDenoiser(SetLayers):
    """The denoiser of latent sets."""

    layers: Annotated[int, Field(ge=0, le=64)] = 4


class SetDiffusionTraining(SetTraining):
    """EDM's denoising loss on latent sets."""

    epochs: Count = 120
    shapes_per_batch: Count = 16
    checkpoint_every: Count = 20
    views: Count = 8
    noise_log_mean: float = -1.2
    noise_log_deviation: Positive = 1.2
    averaging: Share = 0.98


class HeunSampler(Settings):
    """EDM's deterministic sampler."""

    steps: Annotated[int, Field(ge=2)] = 18
    least_noise: Positive = 0.002
    most_noise: Positive = 80
    rho: Positive = 7


class VectorSets(Settings):
    """3DShape2VecSet, without classes, for one category."""

    autoencoder: SetAutoencoder = SetAutoencoder()
    autoencoder_training: SetAutoencoderTraining = SetAutoencoderTraining()
    denoiser: SetDenoiser = SetDenoiser()
    diffusion_training: SetDiffusionTraining = SetDiffusionTraining()
    sampler: HeunSampler = HeunSampler()
