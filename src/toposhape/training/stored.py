"""Reading weights and the JSON beside them as if a stranger had written both.

Nothing in them is executed, what they claim is compared with what is there before memory is
taken, and whatever is wrong becomes one error that names the file.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from .atomic import sha256

LARGEST_JSON = 16_000_000
"""Bytes; that of ten thousand shapes has a twentieth."""

Network = TypeVar("Network", bound=nn.Module)


class DamagedWeightsError(ValueError):
    """Weights or their JSON file are not what was written."""


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ValueError: if the file is none, is nested without end, or has more than LARGEST_JSON bytes.
        OSError: if it cannot be read.
    """
    path = Path(path)
    if (size := path.stat().st_size) > LARGEST_JSON:
        raise ValueError(f"{path} has {size} bytes, {LARGEST_JSON} are allowed")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON file: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no JSON object")
    return content


def read_weights(
    weights: str | Path, device: torch.device | str = "cpu", metadata_path: str | Path | None = None
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Read a JSON file (beside the weights, unless given) and the tensors that it describes.

    Raises:
        DamagedWeightsError: if they do not belong together or cannot be read.
        FileNotFoundError: if one is not there.
    """
    description = Path(metadata_path or Path(weights).with_suffix(".json"))
    with explained(weights, description):
        metadata = read_json(description)
        if sha256(weights) != metadata.get("sha256"):
            raise ValueError(f"the SHA-256 of the weights is another than {description} says")
        return metadata, safetensors.torch.load_file(weights, device=str(device))


def fill(make: Callable[[], Network], tensors: dict[str, Tensor]) -> Network:
    """Make a network and give it its weights.

    Raises:
        ValueError: before the network takes memory, if the tensors are not those that it has.
    """
    with torch.device("meta"):
        expected = {name: tuple(each.shape) for name, each in make().state_dict().items()}
    require_shapes(tensors, expected)
    network = make()
    network.load_state_dict(tensors)
    return network


def require_shapes(tensors: dict[str, Tensor], expected: dict[str, tuple[int, ...]]) -> None:
    """Refuse tensors without those names and shapes; others may be among them.

    Raises:
        ValueError: with the first that is missing or has another shape.
    """
    for name, shape in expected.items():
        if name not in tensors:
            raise ValueError(f"tensor {name} is missing")
        if (found := tuple(tensors[name].shape)) != shape:
            raise ValueError(f"tensor {name} has the shape {found}, not {shape}")


@contextmanager
def explained(weights: str | Path, description: str | Path | None = None) -> Iterator[None]:
    """Turn whatever a wrong file makes of its reader into one error that says what to do."""
    description = description or Path(weights).with_suffix(".json")
    try:
        yield
    except (DamagedWeightsError, FileNotFoundError, PermissionError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        text = " ".join(str(error).split())[:300] or type(error).__name__
        raise DamagedWeightsError(
            f"{weights} is damaged or does not belong to {description} ({text}): "
            "delete both and train again"
        ) from error
