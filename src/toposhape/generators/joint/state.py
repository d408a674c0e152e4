"""All that changes in joint training, and what it started from."""

import copy

import torch
from torch import Tensor, nn

from toposhape.learning.muon import Muon
from toposhape.learning.optimisers import Adam
from toposhape.learning.schedule import Schedule
from toposhape.learning.state import TrainingState
from toposhape.settings.joint import JointTraining

from ..diagrams.network import DiagramGenerator
from ..implicit.codes import VariationalCodes
from ..implicit.decoder import ImplicitDecoder


class JointState(TrainingState):
    """Both generators, the codes, an optimiser for each of the three, and the schedule.

    A fourth optimiser, Muon, has the shape generator's hidden matrices if they have a rate.

    Attributes:
        decoder: f, the parameters theta.
        codes: posteriors of the training shapes.
        diagrams: PD, the parameters phi; None for a method without it.
        pretrained: the decoder as it was given; it stays so.
    """

    def __init__(
        self,
        decoder: ImplicitDecoder,
        codes: VariationalCodes,
        diagrams: DiagramGenerator | None,
        settings: JointTraining,
        schedule: Schedule,
    ) -> None:
        self.decoder = decoder
        self.codes = codes
        self.diagrams = diagrams
        self.settings = settings
        self.pretrained = copy.deepcopy(decoder).eval().requires_grad_(False)
        learned: dict[str, nn.Module] = {"decoder": decoder, "codes": codes}
        rate = settings.matrix_learning_rate
        matrices = [] if rate is None else decoder.hidden_matrices
        others = set(decoder.parameters()) - set(matrices)
        ordered = [weight for weight in decoder.parameters() if weight in others]
        optimisers: dict[str, torch.optim.Optimizer] = {
            "theta": Adam(ordered, settings.learning_rate),
            "z": Adam(codes.parameters(), settings.code_learning_rate),
        }
        if rate is not None and matrices:
            optimisers["theta_matrices"] = Muon(matrices, rate)
        if diagrams is not None:
            learned["diagrams"] = diagrams
            optimisers["phi"] = Adam(diagrams.parameters(), settings.diagram_learning_rate)
        super().__init__(learned, optimisers, schedule)

    @property
    def diagram_generator(self) -> DiagramGenerator:
        """PD, for whoever knows that the method has one."""
        assert self.diagrams is not None
        return self.diagrams

    def step_shapes(self, fit: Tensor, consistency: Tensor | None) -> tuple[Tensor, Tensor]:
        """A step of theta; the two gradients are clipped one by one, because the second is rough.

        Gradients of the fit's earlier micro-batches may be there already.

        Returns:
            The norms of both gradients before clipping.
        """
        weights = list(self.decoder.parameters())
        rough: list[Tensor | None] = [None] * len(weights)
        rough_norm = fit.new_zeros(())
        if consistency is not None and consistency.requires_grad:
            given = torch.autograd.grad(consistency, weights, allow_unused=True)
            # Laid out as in a parameter's .grad, so that norms are summed in that order.
            rough = [gradient if gradient is None else gradient.contiguous() for gradient in given]
            found = [gradient for gradient in rough if gradient is not None]
            rough_norm = nn.utils.get_total_norm(found)
            shrinking = (self.settings.consistency_clip / (rough_norm + 1e-6)).clamp(max=1)
            for gradient in found:
                gradient.mul_(shrinking)
        fit.backward()
        norm = nn.utils.clip_grad_norm_(weights, self.settings.gradient_clip)
        for weight, addend in zip(weights, rough, strict=True):
            if addend is not None:
                weight.grad = addend if weight.grad is None else weight.grad + addend
        if torch.isfinite(norm + rough_norm):  # else the epoch's check stops training and says why
            for name in ("theta", "theta_matrices"):
                if name in self.optimisers:
                    self.optimisers[name].step()
        return norm, rough_norm

    def step_diagrams(self, loss: Tensor) -> None:
        """A step of phi."""
        self.take_step("phi", loss, self.settings.gradient_clip)

    def step_codes(self, loss: Tensor) -> None:
        """A step of the codes."""
        self.take_step("z", loss, self.settings.gradient_clip)
