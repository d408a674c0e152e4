"""Fitting codes to shapes that the network was not trained on (DeepSDF, section 4.3)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.config import Reconstruction
from toposhape.generators import ImplicitDecoder

from .objectives import data_loss
from .randomness import random_source
from .samples import Rows, SampleSource

LATE_SHARE = 0.1  # of the learning rate, in the second half of the steps (DeepSDF)


def reconstruct(
    decoder: ImplicitDecoder,
    samples: Rows,
    shapes: Sequence[str],
    settings: Reconstruction,
    seed: int,
) -> NDArray[np.float32]:
    """Fit a code to the samples of every shape, all at once; each on its own, in effect.

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
    source = SampleSource(samples, shapes)
    codes = torch.zeros(len(source), decoder.latent_size, device=device, requires_grad=True)
    optimiser = torch.optim.Adam([codes], lr=settings.learning_rate)
    decoder.requires_grad_(False).eval()
    for step in range(settings.steps):
        if step == settings.steps // 2:
            optimiser.param_groups[0]["lr"] = LATE_SHARE * settings.learning_rate
        generator = random_source(seed, "reconstruction", step)
        points, distances = source.draw(
            range(len(source)), settings.samples_per_shape, generator, device
        )
        fit = data_loss(decoder(points, codes), distances) * len(source)
        loss = fit + settings.prior_weight * codes.square().sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    decoder.requires_grad_(True)
    return codes.detach().cpu().numpy()
