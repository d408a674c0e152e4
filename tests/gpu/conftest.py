"""The GPU of these tests: a real one where there is one, else a simulated one."""

from collections.abc import Iterator

import pytest
import torch
from simulated import simulated_gpu


@pytest.fixture
def gpu() -> Iterator[torch.device]:
    """A device that says `cuda`."""
    if torch.cuda.is_available():
        yield torch.device("cuda")
    else:
        with simulated_gpu() as device:
            yield device


@pytest.fixture
def bfloat16_products(gpu: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device multiplies in bfloat16, also where it is simulated by a CPU without such units."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
