"""Weights and the JSON beside them: written together, read as if a stranger had written both.

Nothing in them is executed, what they claim is compared with what is there before memory is
taken, and whatever is wrong becomes one error that names the file.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from toposhape.base.checksums import sha256
from toposhape.base.files import write_atomically

LARGEST_JSON = 16_000_000
"""Bytes; that of ten thousand shapes has a twentieth."""
FORMAT = 1
"""Of the JSON file; raised when an older version could misread a new file."""

Network = TypeVar("Network", bound=nn.Module)


class DamagedWeightsError(ValueError):
    """Weights or their JSON file are not what was written."""


class UnknownFormatError(ValueError):
    """A file is sound, and this version cannot read it, or not as what it was asked for."""


def save_weights(
    weights: str | Path,
    metadata_path: str | Path,
    tensors: Mapping[str, Tensor],
    family: str,
    metadata: Mapping[str, Any],
) -> None:
    """Write tensors and the JSON that describes them, each whole or not at all.

    Args:
        weights: safetensors file to write.
        metadata_path: JSON file to write; its folder and that of the weights are made if needed.
        tensors: by name.
        family: what they are of, so that nothing else tries to read them.
        metadata: all that explains them.
    """
    content = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    for path in (weights, metadata_path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(weights, safetensors.torch.save(content))
    signed = {"family": family, "format": FORMAT, "sha256": sha256(weights)}
    write_atomically(metadata_path, json.dumps({**metadata, **signed}, indent=2).encode())


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


def describe_weights(
    weights: str | Path, known: Collection[str], metadata_path: str | Path | None = None
) -> dict[str, Any]:
    """Read the JSON file of weights (beside them, unless given), if it is of a known family.

    Raises:
        DamagedWeightsError: if it is no such file.
        UnknownFormatError: if it is of another format or family.
        FileNotFoundError: if it is not there.
    """
    description = Path(metadata_path or Path(weights).with_suffix(".json"))
    if not description.exists():
        reason = f"no such file: it describes {weights}, which cannot be read without it"
        raise FileNotFoundError(2, reason, str(description))
    with explained(weights, description):
        metadata = read_json(description)
    _require_format(description, metadata)
    if (family := metadata.get("family")) not in known:
        raise UnknownFormatError(
            f"{description} describes {family!r}, and {' or '.join(map(repr, known))} is asked "
            "for; toposhape.generators.load reads generators of shapes of every family"
        )
    return metadata


def read_weights(
    weights: str | Path,
    family: str,
    device: torch.device | str = "cpu",
    metadata_path: str | Path | None = None,
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Read a JSON file (beside the weights, unless given) and the tensors that it describes.

    Raises:
        DamagedWeightsError: if they do not belong together or cannot be read.
        UnknownFormatError: if they are of another format or family.
        FileNotFoundError: if one is not there.
    """
    description = Path(metadata_path or Path(weights).with_suffix(".json"))
    metadata = describe_weights(weights, (family,), description)
    with explained(weights, description):
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


def _require_format(description: Path, metadata: Mapping[str, Any]) -> None:
    found = metadata.get("format")
    if found == FORMAT:
        return
    newer = isinstance(found, int) and found > FORMAT
    writer = "a newer" if newer else "an older"
    remedy = "upgrade Toposhape" if newer else "read it with that version, or train it again"
    raise UnknownFormatError(
        f"{description} was written by {writer} version of Toposhape (format {found}, this version "
        f"reads {FORMAT}): {remedy}"
    )
