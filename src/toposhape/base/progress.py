"""Progress for a person: a bar in a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 30.0

Item = TypeVar("Item")


def reported(items: Iterable[Item], total: int, title: str) -> Iterator[Item]:
    """Pass items on; say on a line of its own, now and then, how many are done."""
    begin = last = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last > SECONDS_BETWEEN_LINES:
            last = now
            left = (now - begin) / done * (total - done)
            sys.stderr.write(f"{title}: {done} of {total}, {left:.0f} s left\n")


class Progress:
    """Epochs done, loss terms and time left, on stderr."""

    def __init__(self, title: str, total: int, done: int) -> None:
        """Begin at `done` of `total` epochs."""
        self._title = title
        self._total = total
        self._first = done
        self._begin = time.monotonic()
        self._last_line = self._begin
        visible = sys.stderr.isatty()
        self._bar = tqdm(total=total, initial=done, desc=title, unit="epoch") if visible else None

    def advance(self, epoch: int, terms: Mapping[str, float]) -> None:
        """An epoch is done."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.3g}" for name, value in terms.items()}, False)
            self._bar.update()
            return
        now = time.monotonic()
        if now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            left = (now - self._begin) / (epoch - self._first) * (self._total - epoch)
            listed = ", ".join(f"{name} {value:.3g}" for name, value in terms.items())
            self.say(f"epoch {epoch} of at most {self._total}, {left:.0f} s left; {listed}")

    def say(self, message: str) -> None:
        """Write a line of its own."""
        tqdm.write(f"{self._title}: {message}", file=sys.stderr)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
