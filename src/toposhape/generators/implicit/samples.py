"""Signed-distance samples of shapes, a random window at a time."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.learning.identity import content_digest


class Rows(Protocol):
    """What maps a shape's id to its samples (2, m/2, 4): x, y, z, signed distance."""

    def __getitem__(self, shape: str) -> NDArray[np.float32]:
        """The samples inside [0] and outside [1], each in random order."""
        ...


class SampleSource:
    """Samples of an ordered list of shapes.

    Rows are views of memory-mapped files, and only the windows that are drawn are read.
    """

    def __init__(
        self, samples: Rows | Mapping[str, NDArray[np.float32]], shapes: Sequence[str]
    ) -> None:
        """Look every shape up, so that a missing or broken one is named at once.

        Raises:
            KeyError: if a shape has no samples.
            ValueError: if a shape's samples are of another form than (2, m/2, 4).
        """
        self.shapes = tuple(shapes)
        self._rows = [samples[shape] for shape in self.shapes]
        for shape, row in zip(self.shapes, self._rows, strict=True):
            if row.ndim != 3 or row.shape[0] != 2 or row.shape[2] != 4 or row.shape[1] == 0:
                raise ValueError(
                    f"samples of {shape!r} have the form {row.shape}, not (2, m/2, 4): "
                    "prepare the shapes again"
                )

    def __len__(self) -> int:
        return len(self._rows)

    def digests(self) -> list[str]:
        """The content of each shape's samples, for the identity of what is learned from them."""
        return [content_digest(row) for row in self._rows]

    def draw(
        self,
        indices: Sequence[int],
        count: int,
        generator: torch.Generator,
        device: torch.device | str = "cpu",
        share: slice = slice(None),
    ) -> tuple[Tensor, Tensor]:
        """Draw samples of some shapes, half of them inside, half outside.

        Samples lie in random order, so that a contiguous window of them is a random subset.

        Args:
            indices: places of the shapes in the list.
            count: samples of each, even.
            generator: of the windows, on the CPU.
            device: where the result lives.
            share: the indices whose samples are fetched; windows are drawn for all.

        Returns:
            Points (B, count, 3) and signed distances (B, count).
        """
        half = count // 2
        starts = torch.randint(1 << 62, (len(indices), 2), generator=generator)[share].tolist()
        indices = indices[share]
        drawn = np.empty((len(indices), 2, half, 4), np.float32)
        for place, index in enumerate(indices):
            row = self._rows[index]
            for side in (0, 1):
                _copy_window(row[side], starts[place][side], drawn[place, side])
        values = torch.from_numpy(drawn).view(len(indices), 2 * half, 4)
        if torch.device(device).type == "cuda":
            values = values.pin_memory().to(device, non_blocking=True)
        return values[..., :3].contiguous(), values[..., 3].contiguous()


def _copy_window(samples: NDArray[np.float32], start: int, target: NDArray[np.float32]) -> None:
    """Fill the target from a window, which goes round the end (many times if need be)."""
    total, filled = len(samples), 0
    position = start % total
    while filled < len(target):
        taken = min(total - position, len(target) - filled)
        target[filled : filled + taken] = samples[position : position + taken]
        filled, position = filled + taken, 0
