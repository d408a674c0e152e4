"""All that changes in joint training, and what it started from."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from toposhape.config import Budget, JointTraining
from toposhape.generators import DiagramGenerator, ImplicitDecoder, VariationalCodes

from .checkpoints import Checkpoint
from .optimiser_state import optimiser_tensors, restore_optimiser
from .schedule import Schedule


class JointState:
    """Both generators, the codes, an optimiser for each of the three, and the schedule.

    Attributes:
        decoder: f, the parameters theta.
        codes: posteriors of the training shapes.
        diagrams: PD, the parameters phi; None for a method without it.
        schedule: where training is.
        pretrained: the decoder as it was given; it stays so.
    """

    def __init__(
        self,
        decoder: ImplicitDecoder,
        codes: VariationalCodes,
        diagrams: DiagramGenerator | None,
        settings: JointTraining,
    ) -> None:
        self.decoder = decoder
        self.codes = codes
        self.diagrams = diagrams
        self.settings = settings
        self.schedule = Schedule()
        self.pretrained = copy.deepcopy(decoder).eval().requires_grad_(False)
        self._optimisers = {
            "theta": torch.optim.Adam(decoder.parameters(), settings.learning_rate),
            "z": torch.optim.Adam(codes.parameters(), settings.code_learning_rate),
        }
        if diagrams is not None:
            phi = torch.optim.Adam(diagrams.parameters(), settings.diagram_learning_rate)
            self._optimisers["phi"] = phi

    def set_learning_rates(self, budget: Budget) -> float:
        """Set the coming epoch's learning rates; returns theta's."""
        factor = self.schedule.factor(budget)
        for optimiser in self._optimisers.values():
            group = optimiser.param_groups[0]
            group["lr"] = optimiser.defaults["lr"] * factor
        return self._optimisers["theta"].param_groups[0]["lr"]

    def clear_gradients(self) -> None:
        """Forget the gradients of the step before; every step begins with it."""
        for optimiser in self._optimisers.values():
            optimiser.zero_grad(set_to_none=True)

    def step_shapes(self, fit: Tensor, consistency: Tensor | None) -> tuple[Tensor, Tensor]:
        """A step of theta; the two gradients are clipped one by one, because the second is rough.

        Gradients of the fit's earlier micro-batches may be there already.

        Returns:
            The norms of both gradients before clipping.
        """
        weights = list(self.decoder.parameters())
        rough, rough_norm = [None] * len(weights), fit.new_zeros(())
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
        for weight, gradient in zip(weights, rough, strict=True):
            if gradient is not None:
                weight.grad = gradient if weight.grad is None else weight.grad + gradient
        if torch.isfinite(norm + rough_norm):  # else the epoch's check stops training and says why
            self._optimisers["theta"].step()
        return norm, rough_norm

    def step_diagrams(self, loss: Tensor) -> None:
        """A step of phi."""
        self._step("phi", loss, list(self.diagrams.parameters()))

    def step_codes(self, loss: Tensor) -> None:
        """A step of the codes."""
        self._step("z", loss, list(self.codes.parameters()))

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        tensors = dict(self._named_tensors())
        for name, optimiser in self._optimisers.items():
            tensors |= optimiser_tensors(name, optimiser)
        return Checkpoint(self.schedule.epoch, tensors, {"schedule": self.schedule.state()})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""
        with torch.no_grad():
            for name, tensor in self._named_tensors():
                tensor.copy_(checkpoint.tensors[name])
        for name, optimiser in self._optimisers.items():
            restore_optimiser(name, optimiser, checkpoint.tensors)
        self.schedule = Schedule.from_state(checkpoint.state["schedule"])

    def _step(self, name: str, loss: Tensor, parameters: list[nn.Parameter]) -> None:
        if not (loss.requires_grad and torch.isfinite(loss)):
            return  # no points to learn, or an epoch whose check stops training and says why
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, self.settings.gradient_clip)
        self._optimisers[name].step()

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        modules = {"decoder": self.decoder, "codes": self.codes, "diagrams": self.diagrams}
        for prefix, module in modules.items():
            if module is not None:
                yield from ((f"{prefix}.{n}", value) for n, value in module.state_dict().items())
