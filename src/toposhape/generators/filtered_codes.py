"""Codes that have been tried and whose shapes are as wanted: in memory and on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.learning.stored_weights import explained, read_weights, require_shapes, save_weights

FILE = "filtered_codes.safetensors"
"""Beside the weights of the generator whose codes they are."""

FAMILY = "filtered_codes"


class FilteredCodes(NamedTuple):
    """Codes of one generator.

    Attributes:
        codes: (m, d) float32.
        near: (m,) int64, ascending: near which training shape's code each was drawn.
    """

    codes: NDArray[np.float32]
    near: NDArray[np.int64]


def save_filtered_codes(
    weights: str | Path,
    metadata_path: str | Path,
    filtered: FilteredCodes,
    metadata: Mapping[str, Any],
) -> None:
    """Write codes; `metadata` says at least of which `generator` they are, the SHA-256 of it."""
    tensors = {name: torch.from_numpy(each) for name, each in filtered._asdict().items()}
    save_weights(weights, metadata_path, tensors, FAMILY, metadata)


def load_filtered_codes(weights: str | Path, generator: str, latent_size: int) -> FilteredCodes:
    """Read codes.

    Args:
        weights: the safetensors file; its JSON file lies beside it.
        generator: the SHA-256 of the weights of the generator that they shall be of.
        latent_size: d of that generator.

    Raises:
        DamagedWeightsError: if the file is not what was written, or is of another generator.
        UnknownFormatError: if it is of another format or holds no such codes.
        FileNotFoundError: if it is not there.
    """
    metadata, tensors = read_weights(weights, FAMILY)
    with explained(weights):
        if metadata["generator"] != generator:
            raise ValueError("these codes are of another generator than the one beside them")
        count = len(tensors["near"])
        require_shapes(tensors, {"codes": (count, latent_size), "near": (count,)})
        found = FilteredCodes(tensors["codes"].numpy(), tensors["near"].numpy())
        if found.codes.dtype != np.float32 or found.near.dtype != np.int64 or not count:
            raise ValueError("no codes, or none that are float32 with int64 beside them")
        if not np.isfinite(found.codes).all() or (np.diff(found.near) < 0).any():
            raise ValueError("codes that are not finite, or not in the order of training shapes")
    return found
