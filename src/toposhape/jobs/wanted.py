"""Which shapes of a generator are taken."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from toposhape.evaluation.describe import FieldTopology

MOST_DRAWS = 20
"""Codes that are tried for one wanted shape."""

Shape = TypeVar("Shape")


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


def first_wanted(
    shapes: Iterable[tuple[FieldTopology, Shape]], number: int, wanted: Wanted
) -> Iterator[tuple[int, Shape]]:
    """The first of many shapes that are wanted; where these are too few, the first others, too.

    Args:
        shapes: what each is like, and it itself; no more are made than are looked at.
        number: how many are taken.
        wanted: which go first.

    Returns:
        With each the place that it has among all.
    """
    others: list[tuple[int, Shape]] = []
    for i, (topology, shape) in enumerate(shapes):
        if wanted.accepts(topology):
            yield i, shape
            number -= 1
            if number == 0:
                return
        elif len(others) < number:
            others.append((i, shape))
    yield from others[:number]
