"""Implicit generators on disk: safetensors for the weights, JSON for all that explains them."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor

from toposhape.learning.stored_weights import explained, fill, read_weights, save_weights
from toposhape.settings.implicit import Decoder

from ..filtered_codes import FILE, load_filtered_codes
from .codes import VariationalCodes
from .decoder import Activation, ImplicitDecoder
from .generator import ImplicitGenerator


def save_generator(
    weights: str | Path,
    metadata_path: str | Path,
    decoder: ImplicitDecoder,
    codes: VariationalCodes,
    metadata: Mapping[str, Any],
) -> None:
    """Write a generator; `metadata` holds at least decoder, activation and shapes.

    Of a decoder with bounded layers it also holds the variant, whose lipschitz_weight is not 0.
    """
    tensors = {f"decoder.{name}": value for name, value in decoder.state_dict().items()}
    tensors |= {f"codes.{name}": value for name, value in codes.state_dict().items()}
    save_weights(weights, metadata_path, tensors, ImplicitGenerator.family, metadata)


def load_generator(
    weights: str | Path,
    device: torch.device | str = "cpu",
    sampling: Mapping[str, Any] | None = None,
    *,
    metadata_path: str | Path | None = None,
) -> ImplicitGenerator:
    """Read a generator, with the filtered codes that may lie beside it.

    Args:
        weights: the safetensors file.
        device: where it shall live.
        sampling: nothing: this family has no settings of sampling.
        metadata_path: default: beside the weights, with suffix .json.

    Raises:
        DamagedWeightsError: if the weights are not those that the metadata describe.
        UnknownFormatError: if they are of another format or family.
        ValueError: for settings of sampling.
    """
    if sampling:
        raise ValueError(f"implicit generators have no settings of sampling, not {dict(sampling)}")
    metadata, tensors = read_weights(weights, ImplicitGenerator.family, device, metadata_path)
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
        shape_ids = tuple(metadata["shapes"])
        if len(shape_ids) != len(codes.means):
            raise ValueError(f"{len(shape_ids)} shapes, {len(codes.means)} codes")
    beside = Path(weights).with_name(FILE)
    filtered = None
    if beside.with_suffix(".json").is_file():  # written last; what is wrong is told to who draws
        digest = metadata["sha256"]
        filtered = cache(partial(load_filtered_codes, beside, digest, decoder.latent_size))
    return ImplicitGenerator(
        decoder.to(device).eval(), codes.to(device), shape_ids, metadata, filtered
    )


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
