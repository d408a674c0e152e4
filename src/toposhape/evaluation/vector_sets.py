"""What a trained 3DShape2VecSet generates and how it reconstructs, as signed distance fields."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators.occupancy_fields import occupancy_on_grid
from toposhape.generators.set_diffusion import LatentDenoiser, sample_latents
from toposhape.generators.vector_sets import VectorSetAutoencoder
from toposhape.training.vector_set_store import load_autoencoder, load_denoiser
from toposhape.vector_set_settings import HeunSampler

from .redistance import signed_distance_of


class VectorSetGenerator:
    """Autoencoder, denoiser and sampler together: noise in, signed distance out.

    Attributes:
        latent_size: numbers of noise that a shape is made from.
    """

    def __init__(
        self,
        autoencoder: VectorSetAutoencoder,
        denoiser: LatentDenoiser,
        sampler: HeunSampler,
        resolution: int,
    ) -> None:
        """Put the parts together.

        Args:
            autoencoder: decodes the latents.
            denoiser: of the same autoencoder's latents.
            sampler: steps and levels of noise.
            resolution: R of the fields.
        """
        self._autoencoder, self._denoiser = autoencoder, denoiser
        self._sampler, self._resolution = sampler, resolution
        self.latent_size = denoiser.latents * denoiser.channels

    @classmethod
    def load(
        cls,
        autoencoder: str | Path,
        denoiser: str | Path,
        sampler: HeunSampler,
        resolution: int,
        device: torch.device | str = "cpu",
    ) -> Self:
        """Read both networks.

        Raises:
            ValueError: if a file is damaged or the denoiser is of another autoencoder's latents.
        """
        first, second = load_autoencoder(autoencoder, device), load_denoiser(denoiser, device)
        if first.metadata["sha256"] != second.metadata["autoencoder_sha256"]:
            raise ValueError(
                f"{denoiser} was trained on the latents of another autoencoder than {autoencoder}: "
                "train the diffusion again"
            )
        return cls(first.network, second.network, sampler, resolution)

    def fields(self, noise: NDArray[np.float32]) -> NDArray[np.float32]:
        """Signed distance (B, R, R, R), negative inside, for noise (B, latent_size)."""
        device = next(self._denoiser.parameters()).device
        latents = sample_latents(self._denoiser, torch.from_numpy(noise).to(device), self._sampler)
        logits = occupancy_on_grid(self._autoencoder, latents, self._resolution)
        return np.stack([signed_distance_of(field) for field in logits])


@torch.no_grad()
def reconstruct_field(
    autoencoder: VectorSetAutoencoder, surface: NDArray[np.float32], resolution: int
) -> NDArray[np.float32]:
    """Signed distance (R, R, R) of what the autoencoder makes of surface points (P, 3)."""
    device = next(autoencoder.parameters()).device
    points = torch.from_numpy(np.array(surface, np.float32))[None].to(device)
    latents = autoencoder.encode(points).means
    return signed_distance_of(occupancy_on_grid(autoencoder, latents, resolution)[0])
