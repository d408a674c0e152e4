"""Trained diagram generators on disk, as shape generators: safetensors and JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray

from toposhape.config import DiagramNetwork
from toposhape.generators import DiagramGenerator

from .atomic import sha256, write_atomically
from .stored import explained, fill, read_weights

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
    content = {k: v.detach().cpu().contiguous() for k, v in generator.state_dict().items()}
    for path in (weights, metadata_path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(weights, safetensors.torch.save(content))
    described = {
        **metadata,
        "sizes": list(generator.sizes),
        "latent_size": generator.latent_size,
        "network": generator.settings.model_dump(mode="json"),
        "sha256": sha256(weights),
    }
    write_atomically(metadata_path, json.dumps(described, indent=2).encode())


def load_diagram_generator(
    weights: str | Path, device: torch.device | str = "cpu"
) -> TrainedDiagramGenerator:
    """Read a diagram generator; its metadata lie beside it, with suffix .json.

    Raises:
        DamagedWeightsError: if the weights are not those that the metadata describe.
    """
    metadata, tensors = read_weights(weights, device)
    with explained(weights):
        network = DiagramNetwork.model_validate(metadata["network"])
        generator = fill(
            lambda: DiagramGenerator(metadata["sizes"], metadata["latent_size"], network), tensors
        )
    return TrainedDiagramGenerator(generator.to(device), metadata)
