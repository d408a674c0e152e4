"""Fitting codes to shapes that the network was not trained on (DeepSDF, section 4.3)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.learning.optimisers import Adam
from toposhape.learning.seeds import random_source
from toposhape.settings.implicit import Reconstruction

from .decoder import ImplicitDecoder
from .objectives import data_loss
from .samples import Rows, SampleSource

LATE_SHARE = 0.1  # of the learning rate, in the second half of the steps (DeepSDF)
POINTS_AT_A_TIME = {"cpu": 1 << 14, "cuda": 1 << 19}  # bounds the memory


def reconstruct(
    decoder: ImplicitDecoder,
    samples: Rows,
    shapes: Sequence[str],
    settings: Reconstruction,
    seed: int,
) -> NDArray[np.float32]:
    """Fit a code to the samples of every shape, many at once; each on its own, in effect.

    Args:
        decoder: f; its weights stay as they are.
        samples: signed-distance samples by shape.
        shapes: ids.
        settings: steps, samples a step, learning rate, prior.
        seed: of the samples drawn.

    Returns:
        Codes (n, d).
    """
    device = next(decoder.parameters()).device
    together = max(1, POINTS_AT_A_TIME[device.type] // settings.samples_per_shape)
    decoder.requires_grad_(False).eval()
    codes = [
        _fit(decoder, SampleSource(samples, shapes[first : first + together]), settings, seed)
        for first in range(0, len(shapes), together)
    ]
    decoder.requires_grad_(True)
    return torch.cat(codes).cpu().numpy()


def _fit(
    decoder: ImplicitDecoder, source: SampleSource, settings: Reconstruction, seed: int
) -> Tensor:
    device = next(decoder.parameters()).device
    codes = torch.zeros(len(source), decoder.latent_size, device=device, requires_grad=True)
    optimiser = Adam([codes], lr=settings.learning_rate)
    for step in range(settings.steps):
        if step == settings.steps // 2:
            optimiser.param_groups[0]["lr"] = LATE_SHARE * settings.learning_rate
        points, distances = source.draw(
            range(len(source)),
            settings.samples_per_shape,
            random_source(seed, "reconstruction", source.shapes[0], step),
            device,
        )
        fit = data_loss(decoder(points, codes), distances) * len(source)
        loss = fit + settings.prior_weight * codes.square().sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return codes.detach()
