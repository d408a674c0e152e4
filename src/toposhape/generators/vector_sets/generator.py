"""A trained 3DShape2VecSet as what every family offers: noise in, signed distance out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.settings.vector_sets import HeunSampler

from ..contract import Examples, Generator, Shape
from ..redistance import signed_distance_of
from .autoencoder import VectorSetAutoencoder
from .diffusion import LatentDenoiser, sample_latents
from .occupancy_fields import occupancy_on_grid
from .store import DENOISER, load_autoencoder, load_denoiser


@dataclass(frozen=True, eq=False)
class VectorSetGenerator(Generator):
    """Autoencoder, denoiser and sampler together.

    Attributes:
        autoencoder: decodes the latents.
        denoiser: of the same autoencoder's latents.
        sampler: steps and levels of noise.
        encoded_points: surface points that the autoencoder has learned to encode a shape from.
        metadata: of the denoiser.
    """

    family: ClassVar[str] = DENOISER
    autoencoder: VectorSetAutoencoder
    denoiser: LatentDenoiser
    sampler: HeunSampler
    encoded_points: int
    metadata: Mapping[str, Any]

    @property
    def latent_size(self) -> int:
        """Numbers of noise that a shape is made from."""
        return self.denoiser.latents * self.denoiser.channels

    def shapes(self, codes: NDArray[np.float32], resolution: int) -> Iterator[Shape]:
        """Signed distances of noise (n, latent_size); all are denoised together."""
        noise = torch.from_numpy(codes).to(next(self.denoiser.parameters()).device)
        yield from self._decoded(sample_latents(self.denoiser, noise, self.sampler), resolution)

    def reconstruct(
        self, examples: Examples, resolution: int, settings: Any = None, seed: int = 0
    ) -> Iterator[Shape]:
        """Encode the first surface points of every example, and decode them; nothing is drawn."""
        del settings, seed
        for shape in examples.shapes:
            points = np.array(examples.surfaces[shape][: self.encoded_points], np.float32)
            yield from self._decoded(self._encoded(points), resolution)

    @torch.no_grad()
    def _encoded(self, surface: NDArray[np.float32]) -> Tensor:
        device = next(self.autoencoder.parameters()).device
        return self.autoencoder.encode(torch.from_numpy(surface)[None].to(device)).means

    def _decoded(self, latents: Tensor, resolution: int) -> Iterator[Shape]:
        for logits in occupancy_on_grid(self.autoencoder, latents, resolution):
            yield Shape(signed_distance_of(logits))


def load_generator(
    weights: str | Path,
    device: torch.device | str = "cpu",
    sampling: Mapping[str, Any] | None = None,
) -> VectorSetGenerator:
    """Read both networks.

    Args:
        weights: of the denoiser; `autoencoder.safetensors` and both JSON files lie beside it.
        device: where they shall live.
        sampling: of `HeunSampler`; its defaults if left out.

    Raises:
        DamagedWeightsError: if a file is damaged.
        UnknownFormatError: if one is of another format or family.
        ValueError: if the denoiser is of another autoencoder's latents.
    """
    beside = Path(weights).with_name("autoencoder.safetensors")
    first, second = load_autoencoder(beside, device), load_denoiser(weights, device)
    if first.metadata["sha256"] != second.metadata["autoencoder_sha256"]:
        raise ValueError(
            f"{weights} was trained on the latents of another autoencoder than {beside}: "
            "train the diffusion again"
        )
    return VectorSetGenerator(
        first.network,
        second.network,
        HeunSampler.model_validate(sampling or {}),
        first.metadata["training"]["surface_points"],
        second.metadata,
    )
