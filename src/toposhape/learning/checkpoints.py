"""Checkpoints: tensors in safetensors, the rest in JSON, the last two of them kept.

A checkpoint is `epoch_<n>.safetensors` and then `epoch_<n>.json`, which holds the SHA-256 of the
first: without its JSON file a checkpoint does not exist.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import safetensors.torch
import torch
from torch import Tensor

from toposhape.base.checksums import sha256
from toposhape.base.files import write_atomically

from .stored_weights import read_json, require_shapes

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


class Resumable(Protocol):
    """What goes on from a checkpoint."""

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""


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

    def latest(self, state: Resumable | None = None) -> Checkpoint | None:
        """The last checkpoint that can be read; damaged ones are named on stderr and passed over.

        Args:
            state: is restored from it; a checkpoint that does not fit it is damaged too.

        Raises:
            CheckpointError: if there are checkpoints and none can be read.
        """
        problems = []
        for epoch in reversed(self._epochs()):
            try:
                found = self._read(epoch)
                if state is not None:
                    _restore(state, found)
                return found
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # whatever a reader trips over, the file is at fault
                text = " ".join(str(error).split())[:300] or type(error).__name__
                problems.append(f"{self._path(epoch, 'safetensors')} is damaged: {text}")
                sys.stderr.write(problems[-1] + "; using the one before\n")
        if problems:
            raise CheckpointError(
                "\n".join([*problems, f"Delete {self.folder} to train from the beginning."])
            )
        return None

    def _read(self, epoch: int) -> Checkpoint:
        description = read_json(self._path(epoch, "json"))
        weights = self._path(epoch, "safetensors")
        if sha256(weights) != description["sha256"]:
            raise ValueError("its checksum is another than its JSON file says")
        if description["epoch"] != epoch or not isinstance(description["state"], dict):
            raise ValueError("its JSON file is that of another checkpoint")
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


def _restore(state: Resumable, found: Checkpoint) -> None:
    """Restore after all tensors were compared: copying one number into many is no error."""
    fresh = state.checkpoint().tensors
    require_shapes(found.tensors, {name: tuple(each.shape) for name, each in fresh.items()})
    state.restore(found)
