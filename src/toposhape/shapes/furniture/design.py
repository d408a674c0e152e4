"""Drawing a design: every decision is named, drawn once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

__all__ = ["Design"]

Choice = TypeVar("Choice")

THIN_FACTOR = 0.55
LEAST_THICKNESS = 0.05  # of a normalised shape, whose farthest vertex lies at 1 / 1.03


class Design:
    """Named random decisions of one shape.

    Attributes:
        choices: What has been drawn so far, by name.
        least: Least thickness of a part, in metres; follows from :meth:`set_extent`.
    """

    def __init__(self, generator: np.random.Generator, thin_share: float) -> None:
        self._generator = generator
        self.choices: dict[str, Any] = {}
        self.least = 0.0
        self.thin = self.yes("thin", thin_share)

    def real(self, name: str, low: float, high: float) -> float:
        """A number drawn evenly between two bounds."""
        return self._keep(name, float(self._generator.uniform(low, high)))

    def count(self, name: str, low: int, high: int) -> int:
        """An integer drawn evenly, both bounds included."""
        return self._keep(name, int(self._generator.integers(low, high + 1)))

    def yes(self, name: str, share: float) -> bool:
        """True for the given share of designs."""
        return self._keep(name, bool(self._generator.random() < share))

    def choice(self, name: str, weights: Mapping[str, float]) -> str:
        """One of the keys, as often as their weights say; weights need not add up to 1."""
        limits = np.cumsum(list(weights.values()))
        place = np.searchsorted(limits, self._generator.random() * limits[-1], side="right")
        return self._keep(name, list(weights)[min(int(place), len(weights) - 1)])

    def thickness(self, name: str, low: float, high: float) -> float:
        """A part's thickness in metres: never under ``least``, unless the design is thin."""
        drawn = float(self._generator.uniform(low, high))
        value = max(drawn * THIN_FACTOR, 0.35 * self.least) if self.thin else max(drawn, self.least)
        return self._keep(name, value)

    def set_extent(self, width: float, height: float, depth: float) -> None:
        """Say how large the whole will be, in metres: the least thickness follows."""
        radius = float(np.linalg.norm([width, height, depth])) / 2
        self.least = LEAST_THICKNESS * 1.03 * radius

    def _keep(self, name: str, value: Choice) -> Choice:
        if name in self.choices:
            raise KeyError(f"the decision {name!r} was already drawn for this design")
        self.choices[name] = value
        return value
