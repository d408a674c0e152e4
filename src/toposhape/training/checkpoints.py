"""Checkpoints: tensors in safetensors, the rest in JSON, the last two of them kept.

A checkpoint is `epoch_<n>.safetensors` and then `epoch_<n>.json`, which holds the SHA-256 of the
first: without its JSON file a checkpoint does not exist.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import safetensors
import safetensors.torch
from torch import Tensor

from .atomic import sha256, write_atomically

KEPT = 2


class CheckpointError(RuntimeError):
    """No checkpoint can be read, although there are some."""


class Checkpoint(NamedTuple):
    """Where a training stood.

    Attributes:
        epoch: epochs done.
        tensors: by name.
        state: everything else, as JSON holds it.
    """

    epoch: int
    tensors: dict[str, Tensor]
    state: dict[str, Any]


class CheckpointFolder:
    """The checkpoints of one training."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint and drop all but the last two."""
        self.folder.mkdir(parents=True, exist_ok=True)
        weights = self._path(checkpoint.epoch, "safetensors")
        content = safetensors.torch.save(
            {
                name: tensor.detach().cpu().contiguous()
                for name, tensor in checkpoint.tensors.items()
            }
        )
        write_atomically(weights, content)
        description = {
            "epoch": checkpoint.epoch,
            "sha256": hashlib.sha256(content).hexdigest(),
            "state": checkpoint.state,
        }
        text = json.dumps(description, indent=1)
        write_atomically(self._path(checkpoint.epoch, "json"), text.encode())
        self._drop_old()

    def latest(self) -> Checkpoint | None:
        """The last checkpoint that can be read; damaged ones are named on stderr and passed over.

        Raises:
            CheckpointError: if there are checkpoints and none can be read.
        """
        epochs = self._epochs()
        problems = []
        for epoch in reversed(epochs):
            try:
                return self._read(epoch)
            except (
                ValueError,
                LookupError,
                TypeError,
                OSError,
                safetensors.SafetensorError,
            ) as error:
                problems.append(f"{self._path(epoch, 'safetensors')} is damaged: {error}")
                sys.stderr.write(problems[-1] + "; using the one before\n")
        if problems:
            raise CheckpointError(
                "\n".join([*problems, f"Delete {self.folder} to train from the beginning."])
            )
        return None

    def _read(self, epoch: int) -> Checkpoint:
        description = json.loads(self._path(epoch, "json").read_text())
        weights = self._path(epoch, "safetensors")
        if sha256(weights) != description["sha256"]:
            raise ValueError("its checksum is another than its JSON file says")
        return Checkpoint(epoch, safetensors.torch.load_file(weights), description["state"])

    def _drop_old(self) -> None:
        for epoch in self._epochs()[:-KEPT]:
            self._path(epoch, "json").unlink()
            self._path(epoch, "safetensors").unlink(missing_ok=True)
        alive = set(self._epochs())
        for path in self.folder.glob("epoch_*.safetensors"):
            if int(path.stem.removeprefix("epoch_")) not in alive:
                path.unlink()

    def _epochs(self) -> list[int]:
        stems = (path.stem.removeprefix("epoch_") for path in self.folder.glob("epoch_*.json"))
        return sorted(int(stem) for stem in stems if stem.isdigit())

    def _path(self, epoch: int, kind: str) -> Path:
        return self.folder / f"epoch_{epoch:06d}.{kind}"
