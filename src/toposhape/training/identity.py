"""What a training is, and on what it ran: for the names of its checkpoints and for its metadata."""

import hashlib
import json
import platform
from typing import Any

import torch

from toposhape import __version__


def identity(**everything: Any) -> str:
    """Twelve hexadecimal digits: trainings with the same ones end in the same weights."""
    text = json.dumps(everything, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


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
