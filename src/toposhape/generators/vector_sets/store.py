"""The networks of 3DShape2VecSet on disk: safetensors, and JSON for all that explains them."""

from pathlib import Path
from typing import Any, NamedTuple

import torch

from toposhape.learning.stored_weights import explained, fill, read_weights
from toposhape.settings.vector_sets import SetAutoencoder, SetDenoiser

from .autoencoder import VectorSetAutoencoder
from .diffusion import LatentDenoiser

AUTOENCODER = "vector_sets/autoencoder"
DENOISER = "vector_sets"
"""A family's name is that of the file by which its generator is loaded."""


class TrainedNetwork(NamedTuple):
    """A network of one of the two stages, in evaluation mode, and its JSON file's content."""

    network: Any
    metadata: dict[str, Any]


def load_autoencoder(weights: str | Path, device: torch.device | str = "cpu") -> TrainedNetwork:
    """Read an autoencoder; its JSON file lies beside the weights.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, AUTOENCODER, device)
    with explained(weights):
        settings = SetAutoencoder.model_validate(metadata["autoencoder"])
        network = fill(lambda: VectorSetAutoencoder(settings), tensors)
    return TrainedNetwork(network.to(device).eval(), metadata)


def load_denoiser(weights: str | Path, device: torch.device | str = "cpu") -> TrainedNetwork:
    """Read a denoiser; its JSON file lies beside the weights.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, DENOISER, device)
    with explained(weights):
        settings = SetDenoiser.model_validate(metadata["denoiser"])
        moments, latents = (tensors["means"], tensors["deviations"]), metadata["latents"]
        network = fill(lambda: LatentDenoiser(settings, *moments, latents), tensors)
    return TrainedNetwork(network.to(device).eval(), metadata)
