"""What a training is, and on what it ran: for the names of its checkpoints and for its metadata."""

import hashlib
import json
import platform
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from toposhape import __version__
from toposhape.settings.base import Settings


def identity(**everything: Any) -> str:
    """Twelve hexadecimal digits: trainings with the same ones end in the same weights.

    Args:
        everything: that decides about the weights, as plain values and groups of settings; of
            these what their own identity holds.
    """
    text = json.dumps(everything, sort_keys=True, default=Settings.identity)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def content_digest(*arrays: ArrayLike) -> str:
    """SHA-256 of what arrays hold, in hexadecimal digits: values in C order, types and forms.

    What a training learns from belongs into its identity by this digest, shape by shape. It reads
    everything once (half a second for each gigabyte and processor core that can hash in hardware,
    two seconds otherwise), as comparing files with their checksums does.
    """
    found = hashlib.sha256()
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.data)
    return found.hexdigest()


def environment(device: torch.device) -> dict[str, Any]:
    """Device and versions, for metadata; of a GPU also the most memory that was taken on it."""
    gpu = device.type == "cuda"
    peak = {"gpu_memory_bytes": torch.cuda.max_memory_allocated(device)} if gpu else {}
    return {
        "device": torch.cuda.get_device_name(device) if gpu else platform.processor() or "cpu",
        **peak,
        "versions": {
            "toposhape": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }
