"""Which shapes of a generator are taken."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

from toposhape.evaluation.describe import FieldTopology

MOST_DRAWS = 20
"""Codes that are drawn for each wanted shape, on average."""


class Described(Protocol):
    """A shape of which is known what it is like."""

    @property
    def topology(self) -> FieldTopology:
        """What its field is like."""


Shape = TypeVar("Shape", bound=Described)


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

    def draws(self, number: int) -> int:
        """How many codes are tried for so many shapes."""
        return number if self.anything else MOST_DRAWS * number

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


class Taken(NamedTuple, Generic[Shape]):
    """A shape that is taken.

    Attributes:
        shape: itself.
        attempt: at which it was made.
        draw: how many codes were drawn before its own, for all shapes.
    """

    shape: Shape
    attempt: int
    draw: int


def until_wanted(
    first: Iterable[Shape], again: Callable[[int, int], Shape], wanted: Wanted, draws_again: int
) -> Iterator[Taken[Shape]]:
    """Shapes, each drawn again until it is as wanted; where draws end, the first attempt at it.

    Args:
        first: the first attempt at each.
        again: makes shape i in attempt k.
        wanted: what they shall be like.
        draws_again: how often that may be done for all of them.
    """
    used = 0
    for i, shape in enumerate(first):
        found, attempt = shape, 0
        while not wanted.accepts(found.topology) and used < draws_again:
            used, attempt = used + 1, attempt + 1
            found = again(i, attempt)
        if not wanted.accepts(found.topology):
            found, attempt = shape, 0
        yield Taken(found, attempt, i + used)
