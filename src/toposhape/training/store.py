"""Trained generators on disk: safetensors for the weights, JSON for all that explains them."""

import json
from pathlib import Path
from typing import Any, NamedTuple, get_args

import safetensors.torch
import torch
from torch import Tensor

from toposhape.config import Decoder
from toposhape.generators import ImplicitDecoder, VariationalCodes
from toposhape.generators.decoder import Activation

from .atomic import sha256, write_atomically
from .stored import explained, fill, read_weights


class TrainedGenerator(NamedTuple):
    """A shape generator.

    Attributes:
        decoder: f, in evaluation mode.
        codes: posteriors of the training shapes.
        shapes: ids of the training shapes, in the codes' order.
        metadata: settings, digest, seed, why training ended, device, versions.
    """

    decoder: ImplicitDecoder
    codes: VariationalCodes
    shapes: tuple[str, ...]
    metadata: dict[str, Any]


def save_generator(
    weights: str | Path,
    metadata_path: str | Path,
    decoder: ImplicitDecoder,
    codes: VariationalCodes,
    metadata: dict[str, Any],
) -> None:
    """Write a generator; `metadata` holds at least decoder, activation and shapes.

    Of a decoder with bounded layers it also holds the variant, whose lipschitz_weight is not 0.
    """
    tensors = {f"decoder.{name}": value for name, value in decoder.state_dict().items()}
    tensors |= {f"codes.{name}": value for name, value in codes.state_dict().items()}
    content = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    for path in (weights, metadata_path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(weights, safetensors.torch.save(content))
    text = json.dumps({**metadata, "sha256": sha256(weights)}, indent=2)
    write_atomically(metadata_path, text.encode())


def load_generator(
    weights: str | Path, device: torch.device | str = "cpu", metadata_path: str | Path | None = None
) -> TrainedGenerator:
    """Read a generator.

    Args:
        weights: the safetensors file.
        device: where it shall live.
        metadata_path: default: beside the weights, with suffix .json.

    Raises:
        DamagedWeightsError: if the weights are not those that the metadata describe.
    """
    metadata, tensors = read_weights(weights, device, metadata_path)
    with explained(weights, metadata_path):
        if metadata["activation"] not in get_args(Activation):
            raise ValueError(f"unknown activation {metadata['activation']!r}")
        decoder = fill(
            lambda: ImplicitDecoder(
                Decoder.model_validate(metadata["decoder"]),
                metadata["activation"],
                lipschitz=metadata.get("variant", {}).get("lipschitz_weight", 0) > 0,
            ),
            _under("decoder.", tensors),
        )
        codes = VariationalCodes(*tensors["codes.means"].shape)
        codes.load_state_dict(_under("codes.", tensors))
        shapes = tuple(metadata["shapes"])
        if len(shapes) != len(codes.means):
            raise ValueError(f"{len(shapes)} shapes, {len(codes.means)} codes")
    return TrainedGenerator(decoder.to(device).eval(), codes.to(device), shapes, metadata)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
