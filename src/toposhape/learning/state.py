"""All that changes while something is trained."""

from collections.abc import Collection, Iterator, Mapping

import torch
from torch import Tensor, nn

from .checkpoints import Checkpoint
from .divergence import DivergenceWatch
from .optimiser_state import optimiser_tensors, restore_optimiser
from .schedule import Schedule

Learned = Mapping[str, nn.Module | Tensor]
"""By name, as checkpoints have them; a module stands for its parameters and buffers."""


class TrainingState:
    """What learns, its optimisers, and where training is.

    Attributes:
        optimisers: by name; every step begins with `clear_gradients`.
        schedule: of the learning rates.
        watch: for divergence.
    """

    def __init__(
        self,
        learned: Learned,
        optimisers: Mapping[str, torch.optim.Optimizer],
        schedule: Schedule,
        *,
        steady: Collection[str] = (),
    ) -> None:
        """Start anew.

        Args:
            learned: all that a checkpoint keeps besides the optimisers.
            optimisers: with their full learning rates.
            schedule: of a training that has not begun.
            steady: optimisers whose learning rate does not follow the schedule.
        """
        self.optimisers = dict(optimisers)
        self.schedule = schedule
        self.watch = DivergenceWatch()
        self._learned = learned
        self._full_rates = {
            name: [group["lr"] for group in optimiser.param_groups]
            for name, optimiser in optimisers.items()
            if name not in steady
        }

    def set_learning_rates(self) -> float:
        """Set the coming epoch's learning rates; returns that of the first optimiser."""
        factor = self.schedule.factor()
        for name, rates in self._full_rates.items():
            for group, rate in zip(self.optimisers[name].param_groups, rates, strict=True):
                group["lr"] = rate * factor
        first: float = next(iter(self.optimisers.values())).param_groups[0]["lr"]
        return first

    def clear_gradients(self) -> None:
        """Forget the gradients of the step before."""
        for optimiser in self.optimisers.values():
            optimiser.zero_grad(set_to_none=True)

    def take_step(self, name: str, loss: Tensor, clip: float, *others: str) -> None:
        """Let optimisers minimise the loss by a step, along their gradient of at most that norm.

        Nothing moves if nothing learns from the loss, or if it is not finite: the epoch's check
        stops training and says why.
        """
        if not (loss.requires_grad and torch.isfinite(loss)):
            return
        loss.backward()
        optimisers = [self.optimisers[each] for each in (name, *others)]
        groups = [group for optimiser in optimisers for group in optimiser.param_groups]
        nn.utils.clip_grad_norm_([weight for group in groups for weight in group["params"]], clip)
        for optimiser in optimisers:
            optimiser.step()

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        tensors = dict(self._named_tensors())
        for name, optimiser in self.optimisers.items():
            tensors |= optimiser_tensors(name, optimiser)
        where = {"schedule": self.schedule.state(), "watch": self.watch.state()}
        return Checkpoint(self.schedule.epoch, tensors, where)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""
        with torch.no_grad():
            for name, tensor in self._named_tensors():
                tensor.copy_(checkpoint.tensors[name])
        for name, optimiser in self.optimisers.items():
            restore_optimiser(name, optimiser, checkpoint.tensors)
        self.schedule.restore(checkpoint.state["schedule"])
        self.watch.restore(checkpoint.state["watch"])

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, part in self._learned.items():
            if isinstance(part, Tensor):
                yield name, part
            else:
                yield from ((f"{name}.{key}", each) for key, each in part.state_dict().items())
