"""The terms of (15), of the codes."""

from typing import NamedTuple

from torch import Tensor

from ..diagrams.objectives import fit_loss
from ..diagrams.store import Diagrams
from ..implicit.codes import moment_divergence, shape_divergence
from ..implicit.data_term import data_term
from ..implicit.draws import StepDraw
from .state import JointState
from .terms import Term


class CodeStep(NamedTuple):
    """What a step of the codes sees.

    Attributes:
        state: the generators and codes.
        draw: what chance has decided.
        codes: of the training shapes of the batch, (b, d), with gradient.
        truth: diagrams of all training shapes.
    """

    state: JointState
    draw: StepDraw
    codes: Tensor
    truth: Diagrams


class CodeData(Term[CodeStep]):
    """|f(x, z_i) - distance|, equation (11)."""

    name = "code_data"
    weight = 1.0

    def value(self, step: CodeStep) -> Tensor:
        """Of several micro-batches all but the last are differentiated here."""
        draw, decoder = step.draw, step.state.decoder
        return data_term(decoder, step.codes, draw.points, draw.distances, self.settings.shapes)


class CodeFit(Term[CodeStep]):
    """z_i moves to where PD makes the diagrams of shape i."""

    name = "code_fit"

    @property
    def weight(self) -> float:
        """lambda_PD; 0 where no diagram generator takes part."""
        terms = self.settings.terms
        return terms.diagram_weight if terms.uses_diagrams else 0.0

    def value(self, step: CodeStep) -> Tensor:
        """The distance to given diagrams."""
        targets = [step.truth[i] for i in step.draw.batch.tolist()]
        generated = step.state.diagram_generator(step.codes)
        return fit_loss(generated, targets, self.settings.diagrams.matching)


class ShapeDivergence(Term[CodeStep]):
    """KL of each shape's own posterior (reading 10)."""

    name = "shape_kl"

    @property
    def weight(self) -> float:
        """As in pretraining."""
        return self.settings.shapes.codes.shape_weight

    def value(self, step: CodeStep) -> Tensor:
        """Of all training shapes."""
        return shape_divergence(step.state.codes.means, step.state.codes.log_variances)


class MomentDivergence(Term[CodeStep]):
    """KL of the moments of all codes together (reading 10)."""

    name = "moment_kl"

    @property
    def weight(self) -> float:
        """As in pretraining."""
        return self.settings.shapes.codes.moment_weight

    def value(self, step: CodeStep) -> Tensor:
        """Of all training shapes."""
        return moment_divergence(step.state.codes.means, step.state.codes.log_variances)
