"""What a term of the objectives (13) to (15) is, and how terms become what a step minimises.

A further term is a class in a file of its own, the key of its weight (`settings.joint`), and its
place in one of the lists of `epochs`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor

from toposhape.settings.diagrams import DiagramTraining
from toposhape.settings.implicit import ShapeTraining, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology


class JointSettings(NamedTuple):
    """Everything that the objectives of joint training depend on."""

    joint: JointTraining
    terms: TopologicalTerms
    variant: Variant
    shapes: ShapeTraining
    diagrams: DiagramTraining
    topology: Topology

    def of_method(self) -> JointTraining:
        """Joint training with what the method sets otherwise."""
        return self.joint.of_method(self.terms)


Step = TypeVar("Step")


class Term(ABC, Generic[Step]):
    """One term of an objective.

    Attributes:
        name: its column of the history.
        rough: whether its gradient is clipped apart from that of the smooth terms.
        settings: of the training.
    """

    name: ClassVar[str]
    rough: ClassVar[bool] = False

    def __init__(self, settings: JointSettings) -> None:
        self.settings = settings

    @property
    @abstractmethod
    def weight(self) -> float:
        """In what is minimised; a term of weight 0 is never computed."""

    @abstractmethod
    def value(self, step: Step) -> Tensor | None:
        """The term without its weight; None in a step that does not take it."""


class Objective(Generic[Step]):
    """The terms of an epoch that have a weight, and what they were in its steps."""

    def __init__(self, kinds: Sequence[type[Term[Step]]], settings: JointSettings) -> None:
        self._terms = [term for term in (kind(settings) for kind in kinds) if term.weight > 0]
        self._found: dict[str, list[Tensor]] = {kind.name: [] for kind in kinds}

    def loss(self, step: Step) -> tuple[Tensor | None, Tensor | None]:
        """The weighted sums of the smooth and of the rough terms of a step; None without any."""
        smooth, rough = None, None
        for term in self._terms:
            value = term.value(step)
            if value is None:
                continue
            self.note(term.name, value)
            weighted = term.weight * value
            if term.rough:
                rough = weighted if rough is None else rough + weighted
            else:
                smooth = weighted if smooth is None else smooth + weighted
        return smooth, rough

    def note(self, name: str, value: Tensor) -> None:
        """Keep a value of this step for the epoch's means."""
        self._found.setdefault(name, []).append(value.detach())

    def means(self) -> dict[str, float]:
        """By name the mean over the steps that took a term; 0 of a term that none took."""
        return {
            name: float(torch.stack(values).double().mean()) if values else 0.0
            for name, values in self._found.items()
        }
