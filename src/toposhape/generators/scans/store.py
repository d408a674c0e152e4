"""Networks of surfaces on disk: safetensors for the weights, JSON for all that explains them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.learning.stored_weights import explained, fill, read_weights, save_weights
from toposhape.settings.scans import SurfaceNetwork

FAMILY = "surface"


def save_surface(
    weights: str | Path,
    metadata_path: str | Path,
    network: ImplicitDecoder,
    settings: SurfaceNetwork,
    metadata: Mapping[str, Any],
) -> None:
    """Write a network with the settings that it is built from."""
    described = {**metadata, "network": settings.model_dump(mode="json")}
    save_weights(weights, metadata_path, network.state_dict(), FAMILY, described)


def load_surface(weights: str | Path, device: torch.device | str = "cpu") -> ImplicitDecoder:
    """Read a network.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, FAMILY, device)
    with explained(weights):
        settings = SurfaceNetwork.model_validate(metadata["network"])
        network = fill(lambda: ImplicitDecoder(settings.decoder(), settings.activation), tensors)
    return network.to(device).eval()
