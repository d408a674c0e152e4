"""Diffusion on sets of latent vectors.

Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models (EDM), NeurIPS
2022; table and algorithm numbers are theirs. The transformer: Zhang et al., 3DShape2VecSet, 2023.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from toposhape.settings.vector_sets import HeunSampler, SetDenoiser

from .attention import SelfAttentionLayer
from .autoencoder import ExactLinear


class NoiseEmbedding(nn.Module):
    """Sines and cosines of a scalar, then two affine maps."""

    scales: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        exponents = torch.arange(width // 2, device="cpu") / (width // 2)
        self.register_buffer("scales", 10 * 1e4**-exponents, persistent=False)
        self.maps = nn.Sequential(ExactLinear(width, width), nn.SiLU(), ExactLinear(width, width))

    def forward(self, scalars: Tensor) -> Tensor:
        """Embed (B,): (B, width)."""
        angles = scalars[:, None] * self.scales
        return functional.silu(self.maps(torch.cat([angles.sin(), angles.cos()], dim=-1)))


class LatentDenoiser(nn.Module):
    """D(x, sigma): what a noisy latent set was before noise of deviation sigma was added.

    Latents in and out are the autoencoder's; inside they are shifted and scaled to mean 0 and
    deviation 1 (sigma_data = 1), and so is the noise measured.

    Attributes:
        means: (M, C), or (1, C) for sets without order.
        deviations: of the same form.
    """

    means: Tensor
    deviations: Tensor
    layers: Any  # torch's lists of modules do not say of which kind theirs are

    def __init__(
        self, settings: SetDenoiser, means: Tensor, deviations: Tensor, latents: int
    ) -> None:
        """Build the network; its weights come from torch's global random state.

        Args:
            settings: width, heads, layers.
            means: of the latents; one row for each latent if these have an order, else one row.
            deviations: of the same form.
            latents: M, latents of a shape.
        """
        super().__init__()
        width = settings.width
        self.settings = settings
        self.register_buffer("means", means)
        self.register_buffer("deviations", deviations)
        self.latents, self.channels = latents, means.shape[1]
        self.rise = ExactLinear(self.channels, width)
        self.places = nn.Parameter(torch.randn(latents, width)) if len(means) > 1 else None
        self.noise = NoiseEmbedding(width)
        self.layers = nn.ModuleList(
            SelfAttentionLayer(width, settings.heads, settings.feed_forward, width)
            for _ in range(settings.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.fall = ExactLinear(width, self.channels)
        nn.init.zeros_(self.fall.weight)
        nn.init.zeros_(self.fall.bias)
        for layer in self.layers:
            nn.init.zeros_(layer.modulation.weight)
            nn.init.zeros_(layer.modulation.bias)

    def forward(self, noisy: Tensor, sigma: Tensor) -> Tensor:
        """Denoise normalised sets (B, M, C) with noise of deviation sigma (B,): table 1."""
        sigma = sigma.view(-1, 1, 1)
        total = (sigma.square() + 1).sqrt()
        raw = self._network(noisy / total, sigma.flatten().log() / 4)
        return noisy / total.square() + sigma / total * raw

    def normalise(self, latents: Tensor) -> Tensor:
        """The autoencoder's latents (B, M, C) with mean 0 and deviation 1."""
        return (latents - self.means) / self.deviations

    def restore(self, normalised: Tensor) -> Tensor:
        """The autoencoder's latents of normalised ones."""
        return normalised * self.deviations + self.means

    def _network(self, sets: Tensor, noise: Tensor) -> Tensor:
        vectors = self.rise(sets)
        if self.places is not None:
            vectors = vectors + self.places
        condition = self.noise(noise)
        for layer in self.layers:
            vectors = layer(vectors, condition)
        values: Tensor = self.fall(self.norm(vectors))
        return values


def denoising_loss(
    denoise: Callable[[Tensor, Tensor], Tensor], clean: Tensor, noise: Tensor, sigma: Tensor
) -> Tensor:
    """EDM's loss, (1 + sigma^2) / sigma^2 |D(x + sigma n, sigma) - x|^2, mean over all numbers.

    Args:
        denoise: D.
        clean: normalised latents x, (B, M, C).
        noise: n ~ N(0, I) of that form.
        sigma: (B,).
    """
    wide = sigma.view(-1, 1, 1)
    error = denoise(clean + wide * noise, sigma) - clean
    return ((wide.square() + 1) / wide.square() * error.square()).mean()


def noise_levels(sampler: HeunSampler) -> Tensor:
    """Deviations from the largest to 0, equation (5): (steps + 1,) float64."""
    ramp = torch.linspace(0, 1, sampler.steps, dtype=torch.float64)
    most, least = sampler.most_noise ** (1 / sampler.rho), sampler.least_noise ** (1 / sampler.rho)
    levels = (most + ramp * (least - most)) ** sampler.rho
    return torch.cat([levels, torch.zeros(1, dtype=torch.float64)])


@torch.no_grad()
def sample_latents(denoiser: LatentDenoiser, noise: Tensor, sampler: HeunSampler) -> Tensor:
    """Latent sets (B, M, C) for the autoencoder, by Heun's method without churn (algorithm 1).

    Args:
        denoiser: D.
        noise: standard normal, (B, M, C) or (B, M * C); the same noise gives the same sets.
        sampler: number of steps and their levels of noise.
    """
    levels = noise_levels(sampler).tolist()
    sets = noise.view(len(noise), denoiser.latents, denoiser.channels) * levels[0]

    def slope(values: Tensor, level: float) -> Tensor:
        sigma = torch.full((len(values),), level, dtype=values.dtype, device=values.device)
        slope: Tensor = (values - denoiser(values, sigma)) / level
        return slope

    for level, following in zip(levels[:-1], levels[1:], strict=True):
        first = slope(sets, level)
        ahead = sets + (following - level) * first
        if following > 0:
            ahead = sets + (following - level) * 0.5 * (first + slope(ahead, following))
        sets = ahead
    return denoiser.restore(sets)
