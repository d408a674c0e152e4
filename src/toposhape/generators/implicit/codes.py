"""Latent codes of a variational auto-decoder (Zadeh et al. 2019), and their pull to the prior.

Each shape has a Gaussian posterior N(mu_i, diag sigma_i^2) over codes; the prior is N(0, I).
Reading 10: the distance of the codes from the prior is taken twice, for every shape's posterior
by itself and for the first two moments of all posteriors together.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

ACTIVE_VARIANCE = 0.01  # a dimension whose means vary less than this carries nothing


class CodeStatistics(NamedTuple):
    """The aggregate posterior, which would be N(0, I) if sampling were without loss.

    Attributes:
        mean_norm: norm of its mean; 0 is ideal.
        variance: mean of its variances over the dimensions; 1 is ideal.
        posterior_variance: the part of it that lies within the shapes' own posteriors.
        active_dimensions: dimensions in which the shapes' means differ.
    """

    mean_norm: float
    variance: float
    posterior_variance: float
    active_dimensions: int


class VariationalCodes(nn.Module):
    """Means and log variances of n posteriors over codes of size d.

    Attributes:
        means: (n, d).
        log_variances: (n, d).
    """

    def __init__(
        self,
        count: int,
        latent_size: int,
        *,
        mean_deviation: float = 0.9,
        deviation: float = 0.1,
        generator: torch.Generator | None = None,
    ) -> None:
        """Draw the means from N(0, mean_deviation^2) and set every sigma to `deviation`."""
        super().__init__()
        means = torch.randn(count, latent_size, generator=generator) * mean_deviation
        self.means = nn.Parameter(means)
        self.log_variances = nn.Parameter(
            torch.full_like(means, float(2 * torch.tensor(deviation).log()))
        )

    def sample(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        """z_i = mu_i + sigma_i eps for the given shapes: (len(indices), d).

        Args:
            indices: which shapes, (b,) int64.
            generator: of the noise, on the CPU, so that every device draws the same.
        """
        noise = torch.randn(len(indices), self.means.shape[1], generator=generator)
        return self.at(indices, noise.to(self.means.device))

    def at(self, indices: Tensor, noise: Tensor) -> Tensor:
        """z_i = mu_i + sigma_i eps with noise eps that is given: both (len(indices), d)."""
        return self.means[indices] + (0.5 * self.log_variances[indices]).exp() * noise

    @torch.no_grad()
    def statistics(self) -> CodeStatistics:
        """Moments of the aggregate posterior."""
        spread = self.means.var(dim=0, unbiased=False)
        within = self.log_variances.exp().mean(dim=0)
        return CodeStatistics(
            float(self.means.mean(dim=0).norm()),
            float((spread + within).mean()),
            float(within.mean()),
            int((spread > ACTIVE_VARIANCE).sum()),
        )


def shape_divergence(means: Tensor, log_variances: Tensor) -> Tensor:
    """KL(N(mu_i, sigma_i^2) || N(0, I)), summed over dimensions, mean over the shapes.

    Args:
        means: (n, d).
        log_variances: (n, d).
    """
    terms = means.square() + log_variances.exp() - 1 - log_variances
    return 0.5 * terms.sum(dim=1).mean()


def moment_divergence(means: Tensor, log_variances: Tensor) -> Tensor:
    """KL from the Gaussian with the aggregate posterior's moments to N(0, I) (reading 10).

    0.5 (tr C + |m|^2 - d - log det C) with m the mean of all mu_i and C the covariance of the
    mixture of all posteriors: cov(mu) + diag(mean sigma^2).

    Args:
        means: (n, d).
        log_variances: (n, d).
    """
    mean = means.mean(dim=0)
    centred = means - mean
    covariance = centred.t() @ centred / len(means) + log_variances.exp().mean(dim=0).diag()
    factor = torch.linalg.cholesky_ex(covariance).L  # of broken codes NaN, which training reports
    log_determinant = 2 * factor.diagonal().log().sum()
    divergence: Tensor = 0.5 * (
        covariance.trace() + mean.square().sum() - len(mean) - log_determinant
    )
    return divergence
