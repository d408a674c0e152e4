"""Steps whose samples a background thread fetches while the step before is computed."""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, Self, TypeVar

import torch

AHEAD = 2


class Draw(Protocol):
    """What a step works on."""

    def pinned(self) -> Self:
        """In memory that a GPU reads by itself."""
        ...

    def on(self, device: torch.device) -> Self:
        """On the device; nobody waits for a copy from pinned memory."""
        ...


Drawn = TypeVar("Drawn", bound=Draw)


class Prefetched(Generic[Drawn]):
    """The same draws in the same order, on the device; one thread alone makes them.

    Attributes:
        seconds_waited: how long steps stood still for want of samples.
    """

    def __init__(self, draws: Iterator[Drawn], device: torch.device) -> None:
        """Take draws from an iterator that nobody else uses."""
        self.seconds_waited = 0.0
        self._draws = draws
        self._device = device

    def __iter__(self) -> Iterator[Drawn]:
        """Draws, each when it is ready; an error in making one is raised here."""
        with ThreadPoolExecutor(1) as thread:
            coming: deque[Future[Drawn | None]] = deque(
                thread.submit(self._next) for _ in range(AHEAD)
            )
            while True:
                begin = time.perf_counter()
                draw = coming.popleft().result()
                self.seconds_waited += time.perf_counter() - begin
                if draw is None:
                    return
                coming.append(thread.submit(self._next))
                yield draw.on(self._device)

    def _next(self) -> Drawn | None:
        draw = next(self._draws, None)
        return draw.pinned() if draw is not None and self._device.type == "cuda" else draw
