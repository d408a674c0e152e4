"""Trained diagram generators on disk, as shape generators: safetensors and JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.learning.stored_weights import explained, fill, read_weights, save_weights
from toposhape.settings.diagrams import DiagramNetwork

from .network import DiagramGenerator

FAMILY = "diagrams"

Diagrams = Sequence[Sequence[NDArray[np.floating]]]
"""For each shape the (m_k, 2) points (death, birth) of degrees 0, 1 and 2."""


class TrainedDiagramGenerator(NamedTuple):
    """A diagram generator.

    Attributes:
        diagrams: PD.
        metadata: settings, digest, seed, statistics, device, versions.
    """

    diagrams: DiagramGenerator
    metadata: dict[str, Any]


def save_diagram_generator(
    weights: str | Path,
    metadata_path: str | Path,
    generator: DiagramGenerator,
    metadata: dict[str, Any],
) -> None:
    """Write a diagram generator and what explains it."""
    described = {
        **metadata,
        "sizes": list(generator.sizes),
        "latent_size": generator.latent_size,
        "network": generator.settings.model_dump(mode="json"),
    }
    save_weights(weights, metadata_path, generator.state_dict(), FAMILY, described)


def load_diagram_generator(
    weights: str | Path, device: torch.device | str = "cpu"
) -> TrainedDiagramGenerator:
    """Read a diagram generator; its metadata lie beside it, with suffix .json.

    Raises:
        DamagedWeightsError: if the weights are not those that the metadata describe.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, FAMILY, device)
    with explained(weights):
        network = DiagramNetwork.model_validate(metadata["network"])
        generator = fill(
            lambda: DiagramGenerator(metadata["sizes"], metadata["latent_size"], network), tensors
        )
    return TrainedDiagramGenerator(generator.to(device), metadata)
