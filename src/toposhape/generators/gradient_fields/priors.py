"""Where codes come from: networks that turn standard normal noise into codes of shapes."""

from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from toposhape.settings.gradient_fields import CodeGan
from toposhape.settings.vector_sets import HeunSampler, SetDenoiser

from ..vector_sets.diffusion import LatentDenoiser, sample_latents
from .codes import EncodedShapes


class CodePrior(nn.Module):
    """Noise -> codes.

    Attributes:
        noise_size: standard normal numbers that a code is made from.
    """

    noise_size: int

    @abstractmethod
    def codes(self, noise: Tensor) -> Tensor:
        """Codes (n, d) of noise (n, noise_size)."""


class GaussianPrior(CodePrior):
    """The normal distribution with the codes' mean and covariance."""

    mean: Tensor
    factor: Tensor

    def __init__(self, latent_size: int) -> None:
        """N(0, I), until `fit`."""
        super().__init__()
        self.noise_size = latent_size
        self.register_buffer("mean", torch.zeros(latent_size))
        self.register_buffer("factor", torch.eye(latent_size))

    def fit(self, shapes: EncodedShapes) -> None:
        """Take the moments of all codes; directions in which none varies stay flat."""
        flat = shapes.codes.flatten(0, 1).double()
        self.mean.copy_(flat.mean(dim=0))
        centred = flat - flat.mean(dim=0)
        values, directions = torch.linalg.eigh(centred.T @ centred / len(flat))
        self.factor.copy_(directions * values.clamp(min=0).sqrt())

    def codes(self, noise: Tensor) -> Tensor:
        """The affine map of the noise."""
        return self.mean + noise @ self.factor.T


class DiffusionPrior(CodePrior):
    """EDM on codes: the denoiser of vector sets, whose sets have one vector."""

    def __init__(
        self, settings: SetDenoiser, sampler: HeunSampler, means: Tensor, deviations: Tensor
    ) -> None:
        """Build the network; its weights come from torch's global random state.

        Args:
            settings: of the network.
            sampler: steps and levels.
            means: of the codes, (1, d).
            deviations: of the same form.
        """
        super().__init__()
        self.denoiser = LatentDenoiser(settings, means, deviations, 1)
        self.sampler = sampler
        self.noise_size = means.shape[1]

    def codes(self, noise: Tensor) -> Tensor:
        """Codes by Heun's method: the same noise gives the same codes."""
        return sample_latents(self.denoiser, noise, self.sampler)[:, 0]


class GanPrior(CodePrior):
    """The published prior: a generator that was trained against a critic.

    It makes codes of mean 0 and deviation 1, as its critic sees them; a shift and a scale follow.
    """

    means: Tensor
    deviations: Tensor

    def __init__(self, settings: CodeGan, means: Tensor, deviations: Tensor) -> None:
        """Build the network; its weights come from torch's global random state.

        Args:
            settings: of the network.
            means: of the codes, (1, d).
            deviations: of the same form.
        """
        super().__init__()
        self.noise_size = settings.noise_size
        self.noise_deviation = settings.noise_deviation
        self.generator = layers((settings.noise_size, *settings.widths, means.shape[1]), nn.ReLU())
        self.register_buffer("means", means)
        self.register_buffer("deviations", deviations)

    def normalised_codes(self, noise: Tensor) -> Tensor:
        """Codes (n, d) of mean 0 and deviation 1, as far as training went."""
        codes: Tensor = self.generator(self.noise_deviation * noise)
        return codes

    def codes(self, noise: Tensor) -> Tensor:
        """Codes for the denoiser of points."""
        return self.means + self.deviations * self.normalised_codes(noise)


def layers(widths: Sequence[int], activation: nn.Module) -> nn.Sequential:
    """Affine maps between these widths, the activation between them."""
    maps = [nn.Linear(before, after) for before, after in pairwise(widths)]
    between = [part for each in maps[:-1] for part in (each, activation)]
    return nn.Sequential(*between, maps[-1])
