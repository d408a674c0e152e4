"""The terms of (14), of the diagram generator."""

from typing import NamedTuple

from torch import Tensor

from ..diagrams.network import DiagramGenerator
from ..diagrams.objectives import fit_loss, smoothness_loss
from ..diagrams.store import Diagrams
from .critical_points import FieldDiagrams
from .terms import Term


class DiagramStep(NamedTuple):
    """What a step of phi sees.

    Attributes:
        generator: PD.
        codes: of training shapes, (b, d).
        truth: their diagrams.
        smoothness: codes z and directions v of (10), both (s, d).
        synthetic: what a step of theta has met.
    """

    generator: DiagramGenerator
    codes: Tensor
    truth: Diagrams
    smoothness: tuple[Tensor, Tensor]
    synthetic: FieldDiagrams


class Fit(Term[DiagramStep]):
    """PD(z_i) is pulled to the diagrams of shape i, equation (12)."""

    name = "fit"

    @property
    def weight(self) -> float:
        """lambda_PD."""
        return self.settings.terms.diagram_weight

    def value(self, step: DiagramStep) -> Tensor:
        """The distance to given diagrams."""
        return fit_loss(step.generator(step.codes), step.truth, self.settings.diagrams.matching)


class Smoothness(Term[DiagramStep]):
    """PD changes slowly with z, equation (10)."""

    name = "smoothness"

    @property
    def weight(self) -> float:
        """lambda_s."""
        return self.settings.terms.smoothness_weight

    def value(self, step: DiagramStep) -> Tensor:
        """At codes z ~ N(0, I)."""
        settings = self.settings.diagrams
        return smoothness_loss(
            step.generator,
            *step.smoothness,
            settings.smoothness_step,
            settings.smoothness_matching,
        )


class Pull(Term[DiagramStep]):
    """PD(z) is pulled to the diagrams of f(., z): the consistency's other side."""

    name = "pull"

    @property
    def weight(self) -> float:
        """lambda_cons."""
        return self.settings.terms.pull_weight

    def value(self, step: DiagramStep) -> Tensor:
        """Equation (1), with gradient for PD."""
        found = step.synthetic
        targets = [diagram.points for diagram in found.diagrams]
        return fit_loss(step.generator(found.codes), targets, "optimal")
