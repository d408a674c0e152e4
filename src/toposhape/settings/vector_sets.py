"""The settings of 3DShape2VecSet: an autoencoder of vector sets and diffusion on them."""

from typing import Literal

from pydantic import model_validator

from .base import Count, NotNegative, Positive, PositiveShare, Settings, key
from .learning import StageTraining


class SetLayers(Settings):
    """The size of a transformer."""

    width: int = key(96, "of all layers", source="published: 512", ge=8, le=65_536, multiple_of=4)
    heads: int = key(4, "of attention", source="published: 8", ge=1, le=1024)
    layers: int = key(2, "of self-attention among the latents", source="published: 24", ge=0, le=64)
    feed_forward: int = key(
        2, "gated units of a layer", unit="widths", source="published: 4", ge=1, le=64
    )

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "SetLayers":
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of {self.heads} heads")
        return self


class SetAutoencoder(SetLayers):
    """From surface points to a set of latents, and from these to occupancy."""

    latents: int = key(64, "of a shape", source="published: 512", ge=1, le=65_536)
    channels: int = key(8, "numbers of a latent", source="published: 8", ge=1, le=65_536)
    queries: Literal["points", "learned"] = key(
        "learned",
        "learned: each latent has a place; points: farthest points of the surface",
        source="published: points",
    )
    frequencies: int = key(
        8, "of a point's embedding, pi 2^k along each axis", source="published: 8", ge=1, le=16
    )
    decoder_feed_forward: bool = key(
        True,
        "a feed-forward layer between attention to the latents and the logit",
        source="published: false",
    )


class SetAutoencoderTraining(StageTraining):
    """Binary cross-entropy of occupancy and the KL divergence of the latents."""

    epochs: Count = key(200, "passes over the training shapes", source="published: 3200")
    warmup_epochs: int = key(
        3, "the learning rate rises, then falls by half a cosine", source="published: 80", ge=0
    )
    shapes_per_batch: Count = key(4, "of a step", source="published: 512")
    learning_rate: Positive = key(1e-3, "of AdamW", source="published: 0.0002")
    matrix_learning_rate: Positive = key(
        5e-3, "of Muon; with 0.02 most of the time is lost", source="docs/vector_sets.md"
    )
    final_learning_rate_share: PositiveShare = key(
        0.01, "what is left of both at the end", source="published: 0.005"
    )
    surface_points: int = key(
        512, "that a shape is encoded from", source="published: 2048", ge=1, le=1_000_000
    )
    volume_points: int = key(
        128,
        "of a shape in a step, uniform in the box",
        source="published: 1024",
        ge=1,
        le=10_000_000,
    )
    near_points: int = key(
        512,
        "... and near the surface, half of them inside",
        source="published: 1024",
        ge=2,
        le=10_000_000,
        multiple_of=2,
    )
    near_weight: NotNegative = key(1.0, "of the latter's cross-entropy", source="published: 0.1")
    kl_weight: NotNegative = key(
        1e-3,
        "of the latents' KL divergence from N(0, I), a mean over numbers",
        source="published: 0.001",
    )


class SetDenoiser(SetLayers):
    """The denoiser of latent sets."""

    layers: int = key(4, "of self-attention", source="published: 24, or 12", ge=0, le=64)


class SetDiffusionTraining(StageTraining):
    """EDM's denoising loss on latent sets."""

    epochs: Count = key(120, "passes over the training shapes", source="published: 1000")
    warmup_epochs: int = key(
        5, "the learning rate rises, then falls by half a cosine", source="published: 40", ge=0
    )
    shapes_per_batch: Count = key(16, "of a step", source="published: 512")
    learning_rate: Positive = key(1e-3, "of AdamW", source="published: 0.0001")
    checkpoint_every: Count = key(
        20, "a killed training goes on from the last one", unit="epochs", without_influence=True
    )
    views: int = key(
        8,
        "times that a shape is encoded, each from other surface points",
        source="published: anew in every step",
        ge=1,
        le=100_000,
    )
    noise_log_mean: float = key(-1.2, "P_mean", source="EDM: -1.2", ge=-20, le=20)
    noise_log_deviation: Positive = key(1.2, "P_std", source="EDM: 1.2", le=20)
    averaging: float = key(
        0.98,
        "of the weights: share of the past in a step's mean",
        source="published: 0.9999",
        ge=0,
        lt=1,
    )


class HeunSampler(Settings):
    """EDM's deterministic sampler."""

    steps: int = key(18, "of Heun's method", source="EDM: 18", ge=2, le=100_000)
    least_noise: Positive = key(0.002, "sigma_min", source="EDM: 0.002")
    most_noise: Positive = key(80, "sigma_max", source="EDM: 80")
    rho: float = key(7, "more steps at low noise", source="EDM: 7", ge=1, le=100)

    @model_validator(mode="after")
    def _noise_falls(self) -> "HeunSampler":
        if self.least_noise >= self.most_noise:
            raise ValueError(
                f"least_noise {self.least_noise:g} must be below most_noise {self.most_noise:g}"
            )
        return self


class VectorSets(Settings):
    """3DShape2VecSet, without classes, for one category."""

    autoencoder: SetAutoencoder = key(
        SetAutoencoder(), "surface points -> a set of latents -> occupancy at any point"
    )
    autoencoder_training: SetAutoencoderTraining = key(
        SetAutoencoderTraining(), "cross-entropy of occupancy, and KL of the latents"
    )
    denoiser: SetDenoiser = key(SetDenoiser(), "transformer over the noisy latents")
    diffusion_training: SetDiffusionTraining = key(
        SetDiffusionTraining(), "denoising of latent sets", source="EDM"
    )
    sampler: HeunSampler = key(HeunSampler(), "by Heun's method; deterministic", source="EDM")

    @model_validator(mode="after")
    def _farthest_points_are_among_the_surface_points(self) -> "VectorSets":
        latents, points = self.autoencoder.latents, self.autoencoder_training.surface_points
        if self.autoencoder.queries == "points" and latents > points:
            raise ValueError(
                f"autoencoder.latents: {latents} farthest points of {points} surface points "
                "(autoencoder_training.surface_points) cannot be taken"
            )
        return self
