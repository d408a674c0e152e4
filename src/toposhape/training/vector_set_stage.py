"""The loop that both stages of 3DShape2VecSet share: epochs, checkpoints, history, NaN guard."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from toposhape.generators.attention import Attention, FeedForward
from toposhape.vector_set_settings import SetTraining

from .checkpoints import Checkpoint, CheckpointFolder
from .data_term import fast_products
from .history import History
from .muon import Muon
from .prefetch import Prefetched
from .progress import Progress
from .schedule import DivergenceError
from .vector_set_data import Batch

Terms = Callable[[Batch], Tensor]
"""Means over the shapes of a batch; the first is minimised."""


class StageState:
    """All that changes while a network is trained.

    Attributes:
        network: what learns.
        averaged: exponential mean of its weights by name; empty if none is kept.
        epoch: epochs done.
        steps: optimiser's steps done.
    """

    def __init__(self, network: nn.Module, settings: SetTraining, averaging: float = 0.0) -> None:
        """Start anew.

        Args:
            network: on its device, with its first weights.
            settings: of the optimisers.
            averaging: share of the past in the mean of the weights; 0 keeps none.
        """
        self.network = network
        self.settings = settings
        self.averaging = averaging
        copied = network.named_parameters() if averaging else ()
        self.averaged = {name: weight.detach().clone() for name, weight in copied}
        self.epoch = self.steps = 0
        matrices = _layer_matrices(network) if settings.optimiser == "muon" else []
        kept = {id(matrix) for matrix in matrices}
        others = [weight for weight in network.parameters() if id(weight) not in kept]
        self._optimisers: dict[str, torch.optim.Optimizer] = {
            "optimiser": torch.optim.AdamW(
                others, settings.learning_rate, weight_decay=settings.weight_decay, fused=True
            )
        }
        if matrices:
            self._optimisers["matrix_optimiser"] = Muon(matrices, settings.matrix_learning_rate)
        self._rates = [settings.learning_rate, settings.matrix_learning_rate]

    @property
    def device(self) -> torch.device:
        """Where the network lives."""
        return next(self.network.parameters()).device

    def set_learning_rates(self) -> float:
        """Set the coming epoch's learning rates; returns AdamW's."""
        factor = rate_factor(self.settings, self.epoch)
        for rate, optimiser in zip(self._rates, self._optimisers.values(), strict=False):
            optimiser.param_groups[0]["lr"] = rate * factor
        return self._rates[0] * factor

    def step(self, batch: Batch, terms_of: Terms) -> Tensor:
        """Minimise the first term by one step, with `shapes_per_micro_batch` in memory at a time.

        Returns:
            The terms of the whole batch, and the norm of the gradient; float64.
        """
        for optimiser in self._optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        terms = self._differentiate(batch, terms_of)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip)
        for optimiser in self._optimisers.values():
            optimiser.step()
        self.steps += 1
        past = min(self.averaging, self.steps / (self.steps + 10))  # early means are short
        with torch.no_grad():
            for name, weight in self.network.named_parameters():
                if self.averaged:
                    self.averaged[name].lerp_(weight, 1 - past)
        return torch.cat([terms, norm.detach()[None]]).double()

    def learn(self, batches: Iterator[Batch], terms_of: Terms) -> list[float]:
        """Take a step for every batch; returns means of what steps return."""
        found = [self.step(batch, terms_of) for batch in Prefetched(batches, self.device)]
        return (sum(found) / len(found)).tolist()

    @torch.no_grad()
    def evaluate(self, batch: Batch, terms_of: Terms) -> Tensor:
        """The terms of a batch, as many shapes at a time as in a step."""
        parts = batch.parts(self.settings.shapes_per_micro_batch)
        return torch.stack([share * terms_of(part) for share, part in parts]).sum(dim=0)

    def use_averaged(self) -> None:
        """Give the network the mean of its weights, when training is done."""
        with torch.no_grad():
            for name, weight in self.network.named_parameters():
                if self.averaged:
                    weight.copy_(self.averaged[name])

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        tensors = dict(self._named_tensors())
        for name, optimiser in self._optimisers.items():
            for index, moments in optimiser.state_dict()["state"].items():
                tensors |= {f"{name}.{index}.{key}": value for key, value in moments.items()}
        return Checkpoint(self.epoch, tensors, {"steps": self.steps})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""
        for name, tensor in self._named_tensors():
            with torch.no_grad():
                tensor.copy_(checkpoint.tensors[name])
        for name, optimiser in self._optimisers.items():
            moments: dict[int, dict[str, Tensor]] = {}
            for key, value in checkpoint.tensors.items():
                if key.startswith(f"{name}."):
                    _, index, kind = key.split(".")
                    moments.setdefault(int(index), {})[kind] = value
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": moments, "param_groups": groups})
        self.epoch, self.steps = checkpoint.epoch, checkpoint.state["steps"]

    def _differentiate(self, batch: Batch, terms_of: Terms) -> Tensor:
        """Sum gradients and terms up over parts of the batch, each weighted by its shapes."""
        found = []
        for share, part in batch.parts(self.settings.shapes_per_micro_batch):
            with torch.autocast(
                self.device.type, torch.bfloat16, self.settings.precision == "bfloat16"
            ):
                terms = share * terms_of(part)
            terms[0].backward()
            found.append(terms.detach())
        return torch.stack(found).sum(dim=0)

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        yield from ((f"network.{k}", value) for k, value in self.network.named_parameters())
        yield from ((f"averaged.{k}", value) for k, value in self.averaged.items())


def rate_factor(settings: SetTraining, epoch: int) -> float:
    """Share of the full learning rate in an epoch: a linear rise, then half a cosine."""
    if epoch < settings.warmup_epochs:
        return (epoch + 1) / (settings.warmup_epochs + 1)
    done = (epoch - settings.warmup_epochs) / max(1, settings.epochs - settings.warmup_epochs)
    least = settings.final_learning_rate_share
    return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * done))


def run_stage(
    state: StageState,
    train_epoch: Callable[[], dict[str, float]],
    columns: tuple[str, ...],
    folder: Path,
    title: str,
) -> None:
    """Run all epochs that are left, from the folder's last checkpoint on.

    Args:
        state: of the training, as it begins.
        train_epoch: trains for an epoch; returns its mean terms by column.
        columns: of history.csv between learning_rate and seconds.
        folder: of checkpoints, history and TensorBoard events.
        title: names this training in messages.

    Raises:
        DivergenceError: if a term is not finite; the last good checkpoint stays.
        CheckpointError: if all checkpoints are damaged.
    """
    settings, store = state.settings, CheckpointFolder(folder)
    store.latest(state)
    progress = Progress(title, settings.epochs, state.epoch)
    record = History(folder, ("epoch", "learning_rate", *columns, "seconds"), state.epoch)
    try:
        while state.epoch < settings.epochs:
            begin = time.perf_counter()
            rate = state.set_learning_rates()
            with fast_products(settings, state.device):
                terms = train_epoch()
            state.epoch += 1
            _check_finite(terms, state.epoch, folder)
            row = {"epoch": state.epoch, "learning_rate": rate, **terms}
            record.append({**row, "seconds": round(time.perf_counter() - begin, 3)})
            progress.advance(state.epoch, terms)
            if state.epoch == settings.epochs or state.epoch % settings.checkpoint_every == 0:
                record.sync()
                store.save(state.checkpoint())
    finally:
        record.close()
        progress.close()


def _check_finite(terms: dict[str, float], epoch: int, folder: Path) -> None:
    broken = [name for name, value in terms.items() if not math.isfinite(value)]
    if broken:
        raise DivergenceError(
            f"training diverged: {' and '.join(broken)} became not finite in epoch {epoch}. Lower "
            "the learning rates or gradient_clip of this stage in vector_sets. The last good "
            f"checkpoint lies in {folder}."
        )


def _layer_matrices(network: nn.Module) -> list[nn.Parameter]:
    """Weights of the affine maps within attention and feed-forward layers."""
    return [
        affine.weight
        for module in network.modules()
        if isinstance(module, (Attention, FeedForward))
        for affine in module.children()
    ]
