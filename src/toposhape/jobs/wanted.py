"""Which shapes of a generator are taken."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from toposhape.evaluation.describe import FieldTopology
from toposhape.generators.priors import ATTEMPTS_NEARBY

MOST_DRAWS = 40
"""Codes that are drawn for each wanted shape, on average."""


class Made(Protocol):
    """A shape that was made of a code."""

    @property
    def code(self) -> NDArray[np.float32]:
        """(d,)."""

    @property
    def topology(self) -> FieldTopology:
        """What its field is like."""


Shape = TypeVar("Shape", bound=Made)


class Wanted(NamedTuple):
    """What a shape shall be like; by default anything.

    Attributes:
        one_piece: whether it must hang together.
        stands: whether it must stand on the ground (`evaluation.solids.stands`).
        nothing_dangles: whether no part may end in the air (`evaluation.solids.dangling_parts`).
        handles: how many it must have; any number if None.
    """

    one_piece: bool = False
    stands: bool = False
    nothing_dangles: bool = False
    handles: int | None = None

    def accepts(self, shape: FieldTopology) -> bool:
        """Whether this is such a shape."""
        return (
            (not self.one_piece or shape.betti[0] == 1)
            and (not self.stands or shape.stands)
            and (not self.nothing_dangles or shape.dangling == 0)
            and self.handles in (None, shape.betti[1])
        )

    @property
    def anything(self) -> bool:
        """Whether there is no wish."""
        return self == ANYTHING

    def draws(self, number: int, best: bool = False) -> int:
        """How many codes are drawn for so many shapes at most, the best of several or the first."""
        return number if self.anything and not best else MOST_DRAWS * number

    def words(self) -> str:
        """As people read it; nothing if anything is wanted."""
        said = {
            "in one piece": self.one_piece,
            "standing": self.stands,
            "without dangling parts": self.nothing_dangles,
            f"with {self.handles} handles": self.handles is not None,
        }
        return ", ".join(words for words, wanted in said.items() if wanted)


ANYTHING = Wanted()


class Best(NamedTuple):
    """Of several shapes that are as wanted one is taken.

    Attributes:
        of: so many near the same training shape, or fewer if few are as wanted.
        cost: of a shape; that of the least is taken.
    """

    of: int
    cost: Callable[[Made], float]


def until_wanted(
    make: Callable[[NDArray[np.float32], int], Iterator[Shape]],
    codes: Callable[[int], NDArray[np.float32]],
    wanted: Wanted,
    most_draws: int,
    best: Best | None = None,
) -> Iterator[tuple[Shape, int]]:
    """Shapes, each drawn again until it is as wanted; where draws end, the first attempt at it.

    Args:
        make: makes the shapes of codes (m, d), of which the first is that of shape i.
        codes: (n, d) for n shapes, of an attempt.
        wanted: what they shall be like.
        most_draws: codes that are drawn for all of them, n at least.
        best: which of several is taken; None: the first.

    Returns:
        With each how many codes were drawn for it.
    """
    enough = best.of if best else 1
    draws_again = most_draws - len(codes(0))
    for i, first in enumerate(make(codes(0), 0)):
        found = [first] if wanted.accepts(first.topology) else []
        draws = 1
        while draws_again and not (len(found) >= enough or (found and draws >= ATTEMPTS_NEARBY)):
            other = next(make(codes(draws)[i : i + 1], i))
            draws, draws_again = draws + 1, draws_again - 1
            if wanted.accepts(other.topology):
                found.append(other)
        candidates = found or [first]
        taken = min(candidates, key=best.cost) if best and len(found) > 1 else candidates[0]
        yield taken, draws
