"""A trained ShapeGF as what every family offers: noise in, cloud and signed distance out."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.learning.seeds import random_source
from toposhape.settings.gradient_fields import OuterSheet, PointSampler

from ..contract import Examples, Generator, Shape
from .network import Denoiser
from .outer_sheet import outer_sheet
from .priors import CodePrior
from .samplers import Denoise, sample_points, start_points
from .store import GENERATOR, FirstStage, load_stages

POINTS_AT_A_TIME = {"cpu": 1 << 10, "cuda": 1 << 18}
VIEWS = 4  # of an example, each encoded from other points; their mean code is taken


@dataclass(frozen=True, eq=False)
class GradientFieldGenerator(Generator):
    """Encoder, denoiser of points and prior of codes.

    Random numbers of a cloud depend on the noise that its shape is made from alone: the same noise
    gives the same cloud, whatever else is made.

    Attributes:
        first: encoder and denoiser.
        prior: noise -> codes.
        sampler: of points.
        surface: how a signed distance is made of a cloud.
        metadata: of the prior.
    """

    family: ClassVar[str] = GENERATOR
    first: FirstStage
    prior: CodePrior
    sampler: PointSampler
    surface: OuterSheet
    metadata: Mapping[str, Any]

    @property
    def latent_size(self) -> int:
        """Numbers of noise that a shape is made from."""
        return self.prior.noise_size

    def shapes(self, codes: NDArray[np.float32], resolution: int) -> Iterator[Shape]:
        """Clouds of `surface.points` points and their signed distances, of noise (n, d)."""
        for code, key in self._of_noise(codes):
            yield self._shape(code, key, resolution)

    def clouds(self, codes: NDArray[np.float32], points: int) -> Iterator[NDArray[np.float32]]:
        """Clouds (points, D) alone, of noise (n, d)."""
        for code, key in self._of_noise(codes):
            yield self.cloud(code, points, key)

    def cloud(self, code: Tensor, points: int, key: str) -> NDArray[np.float32]:
        """The cloud (points, D) of a code (d,) of the encoder's; `key` decides about its noise."""
        dimensions = self.first.network.dimensions
        device = next(self.first.network.parameters()).device
        random = random_source("cloud", key)
        form = (1, points, dimensions)
        moved = sample_points(
            self.denoiser_of(code),
            start_points(self.sampler, form, random).to(device),
            self.sampler,
            lambda: torch.randn(form, generator=random).to(device),
        )
        return moved[0].cpu().numpy()

    def sheet(self, cloud: NDArray[np.float32], resolution: int) -> NDArray[np.float32]:
        """Signed distance (R, R, R) of a cloud (P, 3), as `surface` has it."""
        surface = self.surface
        return outer_sheet(
            cloud, resolution, surface.offset, surface.neighbours, surface.outlier_factor
        )

    def denoiser_of(self, code: Tensor) -> Denoise:
        """The denoiser of the points of one shape, by its code (d,)."""
        return partial(_denoised, self.first.network.denoiser, code)

    def reconstruct(
        self, examples: Examples, resolution: int, settings: Any = None, seed: int = 0
    ) -> Iterator[Shape]:
        """Encode the first surface points of every example, and sample anew; no fit."""
        del settings, seed
        for shape in examples.shapes:
            yield self._shape(self.encode(examples.surfaces[shape]), shape, resolution)

    @torch.no_grad()
    def encode(self, surface: NDArray[np.float32]) -> Tensor:
        """The code (d,) of points (P, D) of a shape: the mean of some views of the first points.

        Raises:
            ValueError: if there are fewer points than for one view.
        """
        size = self.first.encoded_points
        views = min(VIEWS, len(surface) // size)
        if views < 1:
            raise ValueError(f"a shape is encoded from {size} points, and {len(surface)} are given")
        device = next(self.first.network.parameters()).device
        points = torch.from_numpy(np.array(surface[: views * size], np.float32)).to(device)
        codes: Tensor = self.first.network.encoder(points.view(views, size, -1)).mean(dim=0)
        return codes

    @torch.no_grad()
    def _of_noise(self, codes: NDArray[np.float32]) -> Iterator[tuple[Tensor, str]]:
        """The encoder's codes of noise (n, d), each with a key that its noise decides."""
        noise = torch.from_numpy(codes).to(next(self.first.network.parameters()).device)
        keys = (hashlib.sha256(row.tobytes()).hexdigest() for row in codes)
        return zip(self.prior.codes(noise), keys, strict=True)

    def _shape(self, code: Tensor, key: str, resolution: int) -> Shape:
        cloud = self.cloud(code, self.surface.points, key)
        return Shape(self.sheet(cloud, resolution), cloud)


def load_generator(
    weights: str | Path,
    device: torch.device | str = "cpu",
    sampling: Mapping[str, Any] | None = None,
) -> GradientFieldGenerator:
    """Read a generator.

    Args:
        weights: safetensors file; its JSON file lies beside it.
        device: where it shall live.
        sampling: `sampler` and `surface` of `GradientFields`; their defaults if left out.

    Raises:
        DamagedWeightsError: if the file is damaged.
        UnknownFormatError: if it is of another format or family.
    """
    first, prior, metadata = load_stages(weights, device)
    given = sampling or {}
    return GradientFieldGenerator(
        first,
        prior,
        PointSampler.model_validate(given.get("sampler", {})),
        OuterSheet.model_validate(given.get("surface", {})),
        metadata,
    )


@torch.no_grad()
def _denoised(denoiser: Denoiser, code: Tensor, points: Tensor, sigma: float) -> Tensor:
    """Denoise (1, P, D), a block at a time."""
    blocks = points.split(POINTS_AT_A_TIME.get(points.device.type, 1 << 16), dim=1)
    return torch.cat(
        [denoiser(block, code[None], torch.full_like(block[..., 0], sigma)) for block in blocks],
        dim=1,
    )
