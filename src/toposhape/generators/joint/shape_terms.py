"""What a step of theta sees, and the terms of (13) that need no diagrams."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import torch
from torch import Tensor

from toposhape.topology.diagram import vertex_places

from ..diagrams.network import generated_diagrams
from ..diagrams.store import Diagrams
from ..implicit.data_term import data_term
from ..implicit.draws import StepDraw
from ..implicit.regularisation import regularise
from .critical_points import FieldDiagrams, critical_points, field_diagrams, values_at
from .places import PlacedDiagram, Places, placed_consistency, placed_target
from .state import JointState
from .terms import JointSettings, Term


class ShapeStep:
    """A step of theta. What only some terms need is made when the first of them asks.

    Attributes:
        state: the generators.
        draw: what chance has decided.
        codes: of the training shapes of the batch, (b, d).
        anchor_noise: where the anchor's points come from.
        truth: diagrams of all training shapes with their places, for methods with a place radius.
    """

    def __init__(
        self,
        state: JointState,
        settings: JointSettings,
        draw: StepDraw,
        anchor_noise: torch.Generator,
        truth: Sequence[PlacedDiagram] = (),
    ) -> None:
        self.state = state
        self.draw = draw
        self.codes = state.codes.at(draw.batch, draw.noise).detach()
        self.anchor_noise = anchor_noise
        self.truth = truth
        self._settings = settings

    @cached_property
    def fresh(self) -> tuple[Tensor, ...]:
        """Codes whose shapes the consistency is taken of, perhaps those of their targets beside.

        They are N(0, I), or near the codes of the step's own training shapes: there the data term
        says where the surface is, and topology is not bought with geometry (not in the paper).
        """
        bandwidth = self._settings.terms.consistency_bandwidth
        if bandwidth == 1:
            return self.draw.fresh
        means = self.state.codes.means.detach()
        return tuple(
            near(means, self._shapes(i), noise, bandwidth)
            for i, noise in enumerate(self.draw.fresh)
        )

    def _shapes(self, i: int) -> Tensor:
        """The training shapes near which the i-th set of fresh codes lies, in turn."""
        return self.draw.batch.roll(-i * len(self.draw.fresh[i]))

    @cached_property
    def synthetic(self) -> FieldDiagrams:
        """Fields and diagrams of the shapes with the first of the fresh codes."""
        joint, topology = self._settings.joint, self._settings.topology
        return field_diagrams(self.state.decoder, self.fresh[0], joint, topology)

    @cached_property
    def points(self) -> list[tuple[Tensor, ...]]:
        """The points of these diagrams, with the network's gradient."""
        joint, topology = self._settings.joint, self._settings.topology
        synthetic = self.synthetic
        with without_dropout(self.state):  # other values than those whose diagram was taken
            return critical_points(self.state.decoder, synthetic, joint, topology)

    @cached_property
    def targets(self) -> Diagrams:
        """Generated diagrams: the last of the fresh codes say what of."""
        threshold = self._settings.topology.min_persistence
        return generated_diagrams(self.state.diagram_generator, self.fresh[-1], threshold)

    @cached_property
    def places(self) -> list[Places]:
        """Where the points of the fields' diagrams are."""
        edge = self._settings.joint.grid
        return [
            [vertex_places(of_degree, edge) for of_degree in diagram.vertices]
            for diagram in self.synthetic.diagrams
        ]

    @cached_property
    def placed_targets(self) -> list[PlacedDiagram]:
        """Generated diagrams with the places of the training shapes that they are near."""
        shapes = self._shapes(len(self.fresh) - 1).tolist()
        truth = (self.truth[shapes[j % len(shapes)]] for j in range(len(self.targets)))
        return [placed_target(*each) for each in zip(self.targets, truth, strict=True)]

    @cached_property
    def asked(self) -> list[tuple[Tensor, ...]]:
        """The filtered values at the targets' places, (m_k, 2) of every degree, with gradient."""
        topology = self._settings.topology
        with without_dropout(self.state):
            return [
                values_at(self.state.decoder, code, target.places, topology)
                for code, target in zip(self.fresh[0], self.placed_targets, strict=True)
            ]

    def placed_consistency(
        self, radius: float, change: Callable[[Tensor], Tensor] = lambda values: values
    ) -> Tensor:
        """Equation (8) with places, of changed values: see `places.placed_consistency`."""
        return placed_consistency(
            self.points, self.places, self.placed_targets, self.asked, radius, change
        )


def near(means: Tensor, shapes: Tensor, noise: Tensor, bandwidth: float) -> Tensor:
    """sqrt(1 - h^2) mu_i + h eps, (n, d), as `priors.kernel_density`; shapes i in turn.

    Args:
        means: mu, (shapes, d).
        shapes: i, (b,) int64.
        noise: eps, (n, d).
        bandwidth: h.
    """
    chosen = shapes[torch.arange(len(noise), device=shapes.device) % len(shapes)]
    codes: Tensor = (1 - bandwidth**2) ** 0.5 * means[chosen] + bandwidth * noise
    return codes


@contextmanager
def without_dropout(state: JointState) -> Iterator[None]:
    """The shape generator as it generates."""
    state.decoder.eval()
    yield
    state.decoder.train()


class ShapeData(Term[ShapeStep]):
    """|f(x, z_i) - distance|, equation (11)."""

    name = "data"
    weight = 1.0

    def value(self, step: ShapeStep) -> Tensor:
        """Of several micro-batches all but the last are differentiated here."""
        draw = step.draw
        return data_term(
            step.state.decoder, step.codes, draw.points, draw.distances, self.settings.shapes
        )


class Eikonal(Term[ShapeStep]):
    """The first term of (5), at uniform points of shapes with z ~ N(0, I)."""

    name = "eikonal"

    @property
    def weight(self) -> float:
        """lambda_reg."""
        return self.settings.variant.regularisation.weight

    def value(self, step: ShapeStep) -> Tensor | None:
        """In every so many steps; of several micro-batches as `ShapeData`."""
        synthetic, shapes = step.draw.synthetic, self.settings.shapes
        if synthetic is None:
            return None
        regularisation = self.settings.variant.regularisation
        return regularise(step.state.decoder, synthetic, shapes, regularisation, 0.0)[0]
