"""What is particular to one training; `loop.train` does the rest."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import torch

from .precision import Precision
from .processes import Team
from .state import TrainingState

State = TypeVar("State", bound=TrainingState)


class Epoch(NamedTuple):
    """What an epoch was like.

    Attributes:
        losses: columns of the history; training stops when one is not finite.
        training: the loss that must not rise far above its lowest value.
        watched: the loss that the schedule looks at.
        statistics: further columns, which may be anything.
    """

    losses: dict[str, float]
    training: float
    watched: float
    statistics: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Training(ABC, Generic[State]):
    """One training: what it learns from, what it is told, and how an epoch of it goes.

    Attributes:
        seed: of every random number.
        device: where networks live.
        title: names this training in messages.
        team: the processes that share it.
        section: where in the configuration its learning rate stands.
        columns: of the history, between the learning rate and the seconds.
        shown: the columns that a person sees while waiting.
    """

    seed: tuple[int, ...]
    device: torch.device
    title: str
    team: Team = Team()

    section: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    shown: ClassVar[tuple[str, ...]]

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """All that decides about the weights besides the seed, the data's content too."""

    @property
    @abstractmethod
    def checkpoint_every(self) -> int:
        """Epochs."""

    @property
    def precision(self) -> Precision:
        """Of a GPU's products."""
        return "float32"

    @abstractmethod
    def start(self) -> State:
        """The state before the first epoch."""

    @abstractmethod
    def epoch(self, state: State) -> Epoch:
        """Train for an epoch; the state's schedule is advanced afterwards."""

    @abstractmethod
    def save(self, state: State, record: dict[str, Any]) -> None:
        """Write what was trained; `record` is what any training says of itself."""
