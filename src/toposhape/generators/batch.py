"""What chance decides for the shapes of a step."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Tensors with a row for each of the shapes of a step."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def __getitem__(self, rows: slice) -> Self:
        """Some of the shapes."""
        return self._each(lambda values: values[rows])

    def pinned(self) -> Self:
        """In memory that a GPU reads by itself."""
        return self._each(Tensor.pin_memory)

    def on(self, device: torch.device) -> Self:
        """On the device; nobody waits for a copy from pinned memory."""
        return self._each(lambda values: values.to(device, non_blocking=True))

    def _each(self, change: Callable[[Tensor], Tensor]) -> Self:
        return type(self)(*(change(getattr(self, field.name)) for field in fields(self)))
