"""What an experiment leaves: numbers by name, and arrays that its figure is drawn from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Outcome(NamedTuple):
    """Of one experiment and seed.

    Attributes:
        numbers: by name; `claims` says what they mean.
        pictures: by name: points ``(n, 2 or 3)``, curves ``(n,)``, images ``(H, W)`` or rows of
            them ``(k, H, W)``.
    """

    numbers: dict[str, float]
    pictures: dict[str, NDArray[np.float32]]
