"""The exact denoiser and score of a cloud, in closed form: equations (2) and (3) of the paper."""

from collections.abc import Callable

import torch
from torch import Tensor


def exact_denoiser(cloud: Tensor) -> Callable[[Tensor, float], Tensor]:
    """The denoiser of the points of a cloud blurred by noise, in place of a network.

    The density at x is the mean of N(x_i, s^2 I); a noisy x comes from point x_i with probability
    proportional to exp(-|x - x_i|^2 / 2 s^2), and its denoised point is the mean of these.

    Args:
        cloud: (n, D).

    Returns:
        D(x, s) of points x (..., D) and a deviation s > 0.
    """

    def denoise(noisy: Tensor, sigma: float) -> Tensor:
        squared = torch.cdist(noisy, cloud.expand(*noisy.shape[:-2], *cloud.shape)).square()
        return (-squared / (2 * sigma**2)).softmax(dim=-1) @ cloud

    return denoise


def score(denoise: Callable[[Tensor, float], Tensor], points: Tensor, sigma: float) -> Tensor:
    """The gradient of the logarithm of the blurred density, by Tweedie's formula.

    Args:
        denoise: D.
        points: x, (..., D).
        sigma: s > 0.

    Returns:
        (D(x, s) - x) / s^2, of the form of x.
    """
    return (denoise(points, sigma) - points) / sigma**2
