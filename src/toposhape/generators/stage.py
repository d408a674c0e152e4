"""What stages with one network share: a state, its steps, and what they say of themselves."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from toposhape.learning.accumulation import in_parts, weighted_sum
from toposhape.learning.muon import Muon
from toposhape.learning.optimisers import AdamW
from toposhape.learning.precision import Precision
from toposhape.learning.prefetch import Prefetched
from toposhape.learning.schedule import Cosine
from toposhape.learning.state import TrainingState
from toposhape.learning.training import Epoch, Training
from toposhape.settings.learning import StageTraining

from .batch import Batch

Terms = Callable[[Any], Tensor]
"""Means over the shapes of a batch, without weights: (k,)."""


class StageState(TrainingState):
    """One network, its optimisers, perhaps the mean of its weights, and the schedule.

    Attributes:
        network: what learns.
        averaged: exponential mean of its weights by name; empty if none is kept.
        steps: optimiser's steps done, () int64 on the CPU.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: StageTraining,
        matrices: Sequence[Tensor] = (),
        averaging: float = 0.0,
    ) -> None:
        """Start anew.

        Args:
            network: on its device, with its first weights.
            settings: of the optimisers.
            matrices: those of the network within layers, which Muon may have.
            averaging: share of the past in the mean of the weights; 0 keeps none.
        """
        self.network: Any = network  # a module of the stage's own kind
        self.settings = settings
        self.averaging = averaging
        copied = network.named_parameters() if averaging else ()
        self.averaged = {name: weight.detach().clone() for name, weight in copied}
        self.steps = torch.zeros((), dtype=torch.int64)
        means = {f"averaged.{name}": mean for name, mean in self.averaged.items()}
        super().__init__(
            {"network": network, "steps": self.steps, **means},
            _new_optimisers(network, settings, matrices),
            Cosine(
                settings.epochs,
                settings.warmup_epochs,
                final_share=settings.final_learning_rate_share,
            ),
        )

    @property
    def device(self) -> torch.device:
        """Where the network lives."""
        device: torch.device = next(self.network.parameters()).device
        return device

    def step(self, batch: Batch, terms_of: Terms, weights: Sequence[float]) -> Tensor:
        """Minimise the weighted terms by one step, `shapes_per_micro_batch` in memory at a time.

        Returns:
            Their sum and the terms, of the whole batch, and the norm of the gradient; float64.
        """
        self.clear_gradients()
        terms = self._in_parts(batch, terms_of, weights, self.settings.precision == "bfloat16")
        loss = weighted_sum(terms, weights)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip)
        for optimiser in self.optimisers.values():
            optimiser.step()
        self._average()
        return torch.cat([loss[None], terms, norm[None]]).detach().double()

    def learn(
        self, batches: Iterator[Batch], terms_of: Terms, weights: Sequence[float]
    ) -> list[float]:
        """Take a step for every batch; returns means of what steps return."""
        drawn = Prefetched(batches, self.device)
        found = [self.step(batch, terms_of, weights) for batch in drawn]
        return (sum(found[1:], start=found[0]) / len(found)).tolist()

    @torch.no_grad()
    def evaluate(self, batch: Batch, terms_of: Terms) -> Tensor:
        """The terms of a batch, as many shapes at a time as in a step."""
        return self._in_parts(batch, terms_of)

    def use_averaged(self) -> None:
        """Give the network the mean of its weights, when training is done."""
        with torch.no_grad():
            for name, weight in self.network.named_parameters():
                if self.averaged:
                    weight.copy_(self.averaged[name])

    def _in_parts(
        self,
        batch: Batch,
        terms_of: Terms,
        weights: Sequence[float] = (),
        lowered: bool = False,
    ) -> Tensor:
        def share(rows: slice) -> Tensor:
            part = batch[rows]
            with torch.autocast(self.device.type, torch.bfloat16, lowered):
                return len(part) / len(batch) * terms_of(part)

        return in_parts(share, len(batch), self.settings.shapes_per_micro_batch, weights)

    @torch.no_grad()
    def _average(self) -> None:
        self.steps += 1
        past = min(
            self.averaging, int(self.steps) / (int(self.steps) + 10)
        )  # early means are short
        for name, weight in self.network.named_parameters():
            if self.averaged:
                self.averaged[name].lerp_(weight, 1 - past)


class Source(Protocol):
    """Shapes that are learned from, or only watched."""

    @property
    def shapes(self) -> tuple[str, ...]:
        """Their ids."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Stage(Training[StageState]):
    """A stage: training and validation shapes, how it learns from them, where it writes to."""

    shapes: tuple[Source, Source]
    training: StageTraining
    weights: str | Path
    metadata: str | Path

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.training.checkpoint_every

    @property
    def precision(self) -> Precision:
        """Of all products."""
        return self.training.precision

    def epoch(self, state: StageState) -> Epoch:
        """Every training shape once, and a look at the validation shapes."""
        losses = self.learn(state)
        if len(self.shapes[1]):
            losses["validation"] = self.validate(state)
        return Epoch(losses, losses["loss"], losses["loss"], {})

    @abstractmethod
    def learn(self, state: StageState) -> dict[str, float]:
        """Learn from every training shape once; returns means over the epoch, with `loss`."""

    @abstractmethod
    def validate(self, state: StageState) -> float:
        """The loss of the validation shapes."""

    def describe(self, state: StageState, record: dict[str, Any]) -> dict[str, Any]:
        """What the JSON file of either network says of its training."""
        learned, watched = self.shapes
        return {
            **record,
            "stop_reason": f"{state.schedule.stop_reason('training')} ({int(state.steps)} steps)",
            "training": self.training.model_dump(mode="json"),
            "shapes": list(learned.shapes),
            "validation_shapes": list(watched.shapes),
        }


def _new_optimisers(
    network: nn.Module, settings: StageTraining, matrices: Sequence[Tensor]
) -> dict[str, torch.optim.Optimizer]:
    """Muon for matrices within layers, if it is asked for, and AdamW for the rest."""
    matrices = matrices if settings.optimiser == "muon" else ()
    kept = {id(matrix) for matrix in matrices}
    others = [weight for weight in network.parameters() if id(weight) not in kept]
    adam = AdamW(others, settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    muon = {"muon": Muon(matrices, settings.matrix_learning_rate)} if matrices else {}
    return {"adam": adam, **muon}
