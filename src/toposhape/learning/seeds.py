"""Random numbers that depend on where training is, not on how it got there."""

import hashlib
from collections.abc import Hashable
from typing import Literal

import torch


def random_source(*key: Hashable) -> torch.Generator:
    """A generator on the CPU whose stream depends on the key alone.

    With a key such as (seed, stage, epoch) no random state has to be kept in a checkpoint: a
    training that goes on draws what an uninterrupted one would have drawn.

    Args:
        key: strings, integers and tuples of them.
    """
    return torch.Generator().manual_seed(derived_seed(*key))


def derived_seed(*key: Hashable) -> int:
    """63 bits that depend on the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def choose_device(wish: Literal["auto", "cpu", "cuda"] | str) -> torch.device:
    """The device to train on; `auto` is a GPU if there is one.

    Raises:
        ValueError: if a GPU is asked for and there is none.
    """
    if wish == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wish)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: cuda is asked for, but torch sees no GPU; set device to cpu")
    return device
