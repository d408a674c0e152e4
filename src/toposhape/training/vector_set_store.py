"""The networks of 3DShape2VecSet on disk: safetensors, and JSON for all that explains them."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch
from torch import nn

from toposhape.generators.set_diffusion import LatentDenoiser
from toposhape.generators.vector_sets import VectorSetAutoencoder
from toposhape.settings import Settings
from toposhape.vector_set_settings import SetAutoencoder, SetDenoiser

from .atomic import sha256, write_atomically
from .identity import environment
from .stored import explained, fill, read_weights
from .vector_set_stage import StageState


class TrainedNetwork(NamedTuple):
    """A network of one of the two stages, in evaluation mode, and its JSON file's content."""

    network: nn.Module
    metadata: dict[str, Any]


def training_identity(
    shapes: Sequence[Sequence[str]], seed: tuple[int, ...], *settings: Settings | str
) -> str:
    """Twelve hexadecimal digits: trainings with the same ones end in the same weights."""
    plain = [
        s if isinstance(s, str) else s.model_dump(mode="json", exclude={"checkpoint_every"})
        for s in settings
    ]
    text = json.dumps([shapes, seed, plain], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def describe_training(
    identity: str, seed: tuple[int, ...], state: StageState, shapes: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """What every JSON file says of a training that has ended."""
    return {
        "identity": identity,
        "seed": list(seed),
        "stop_reason": f"all {state.epoch} epochs done ({state.steps} steps)",
        "epochs": state.epoch,
        "training": state.settings.model_dump(mode="json"),
        "shapes": list(shapes[0]),
        "validation_shapes": list(shapes[1]),
        **environment(state.device),
    }


def save_network(
    weights: str | Path, metadata_path: str | Path, network: nn.Module, metadata: dict[str, Any]
) -> None:
    """Write a network and what explains it, with the checksum of its weights."""
    content = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    for path in (weights, metadata_path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(weights, safetensors.torch.save(content))
    text = json.dumps({**metadata, "sha256": sha256(weights)}, indent=2)
    write_atomically(metadata_path, text.encode())


def publish_history(folder: Path, path: str | Path) -> None:
    """Copy a training's history.csv from its folder to where it is asked for."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, (folder / "history.csv").read_bytes())


def load_autoencoder(weights: str | Path, device: torch.device | str = "cpu") -> TrainedNetwork:
    """Read an autoencoder; its JSON file lies beside the weights.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
    """
    metadata, tensors = read_weights(weights, device)
    with explained(weights):
        settings = SetAutoencoder.model_validate(metadata["autoencoder"])
        network = fill(lambda: VectorSetAutoencoder(settings), tensors)
    return TrainedNetwork(network.to(device).eval(), metadata)


def load_denoiser(weights: str | Path, device: torch.device | str = "cpu") -> TrainedNetwork:
    """Read a denoiser; its JSON file lies beside the weights.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
    """
    metadata, tensors = read_weights(weights, device)
    with explained(weights):
        settings = SetDenoiser.model_validate(metadata["denoiser"])
        moments, latents = (tensors["means"], tensors["deviations"]), metadata["latents"]
        network = fill(lambda: LatentDenoiser(settings, *moments, latents), tensors)
    return TrainedNetwork(network.to(device).eval(), metadata)
