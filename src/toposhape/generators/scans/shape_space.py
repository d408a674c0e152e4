"""One network for many scans: IGR's auto-decoder, and the codes of scans that it has not seen."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.learning.loop import train
from toposhape.learning.optimisers import Adam
from toposhape.learning.schedule import FlatThenCooldown
from toposhape.learning.seeds import random_source
from toposhape.learning.state import TrainingState
from toposhape.learning.stored_weights import explained, fill, read_weights, save_weights
from toposhape.learning.training import Epoch, Training
from toposhape.settings.scans import ScanSpace

from .draws import ScanPoints, together
from .network import new_network
from .objective import TERMS, surface_terms

FAMILY = "scan space"
FIRST_DEVIATION = 1 / 256
"""Of new codes at the start (IGR's code)."""
LATE_SHARE = 0.1
"""Of the learning rate of new codes, in the second half of their steps (IGR's code)."""


class LearnedSpace(NamedTuple):
    """f(x; z) and the codes z of the scans that it was learned from, (n, d)."""

    network: ImplicitDecoder
    codes: Tensor


def learn_space(
    scans: Sequence[ScanPoints],
    settings: ScanSpace,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
) -> None:
    """Learn network and codes from scans with normals, and write them.

    Args:
        scans: all with normals.
        settings: of network and training.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.

    Raises:
        DivergenceError: when training goes wrong; the last good checkpoint stays.
    """
    training = SpaceTraining(
        tuple(scans), settings, weights, metadata,
        seed=seed, device=torch.device(device), title="shape space of scans",
    )  # fmt: skip
    train(training, checkpoints, history)


class SpaceState(TrainingState):
    """Network, codes, optimiser and schedule."""

    schedule: FlatThenCooldown

    def __init__(
        self, settings: ScanSpace, count: int, seed: tuple[int, ...], device: torch.device
    ) -> None:
        """Start anew: all codes are 0."""
        self.network = new_network(settings.network, seed, settings.latent_size).to(device)
        self.codes = nn.Parameter(torch.zeros(count, settings.latent_size, device=device))
        groups = [
            {"params": list(self.network.parameters()), "lr": settings.learning_rate},
            {"params": [self.codes], "lr": settings.code_learning_rate},
        ]
        adam = Adam(groups, fused=True)
        learned: dict[str, nn.Module | Tensor] = {"network": self.network, "codes": self.codes}
        super().__init__(learned, {"adam": adam}, FlatThenCooldown.of(settings))


@dataclass(frozen=True, eq=False)
class SpaceTraining(Training[SpaceState]):
    """Loss (2) plus alpha |z_j|, mean over the scans of a step."""

    scans: tuple[ScanPoints, ...]
    settings: ScanSpace
    weights: str | Path
    metadata: str | Path

    section = "scans.space"
    columns = ("loss", *TERMS, "code_norm")
    shown = ("surface", "normal", "eikonal", "code_norm")

    def identity(self) -> dict[str, Any]:
        """Settings, and the content of the scans."""
        return {"settings": self.settings, "scans": [scan.digest() for scan in self.scans]}

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.settings.checkpoint_every

    def start(self) -> SpaceState:
        """A new network, and codes that are all 0."""
        return SpaceState(self.settings, len(self.scans), self.seed, self.device)

    def epoch(self, state: SpaceState) -> Epoch:
        """So many steps, each on points of some scans."""
        generator = random_source(self.seed, "points", state.schedule.epoch)
        totals = torch.zeros(len(self.columns), dtype=torch.float64, device=self.device)
        for _ in range(self.settings.steps_per_epoch):
            state.clear_gradients()
            order = torch.randperm(len(self.scans), generator=generator)
            chosen = order[: self.settings.shapes_per_step]
            draw = together([self.scans[i].draw(generator) for i in chosen.tolist()])
            codes = state.codes[chosen.to(self.device)]
            terms = surface_terms(state.network, draw.on(self.device), codes)
            norm = codes.norm(dim=1).mean()
            loss = (_weights(self.settings, terms) * terms).sum()
            loss = loss + self.settings.code_weight * norm
            state.take_step("adam", loss, self.settings.gradient_clip)
            totals += torch.stack([loss, *terms, norm]).detach()
        means = totals / self.settings.steps_per_epoch
        losses = dict(zip(self.columns, means.tolist(), strict=True))
        return Epoch(losses, losses["loss"], losses["loss"], {})

    def save(self, state: SpaceState, record: dict[str, Any]) -> None:
        """Write network and codes."""
        tensors = {**state.network.state_dict(), "codes": state.codes.detach()}
        described = {**record, "space": self.settings.model_dump(mode="json")}
        save_weights(self.weights, self.metadata, tensors, FAMILY, described)


def load_space(weights: str | Path, device: torch.device | str = "cpu") -> LearnedSpace:
    """Read what `learn_space` has written.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, FAMILY, device)
    with explained(weights):
        settings = ScanSpace.model_validate(metadata["space"])
        codes = tensors.pop("codes")
        decoder = settings.network.decoder(settings.latent_size)
        network = fill(lambda: ImplicitDecoder(decoder, settings.network.activation), tensors)
    return LearnedSpace(network.to(device).eval(), codes)


def find_codes(
    network: ImplicitDecoder,
    scans: Sequence[ScanPoints],
    settings: ScanSpace,
    seed: tuple[int, ...],
) -> Tensor:
    """Codes (n, d) of scans with normals; the network stays as it is.

    Args:
        network: f.
        scans: each is fitted on its own, in effect.
        settings: how.
        seed: of codes at the start and of points.
    """
    generator = random_source(seed, "new codes")
    device = next(network.parameters()).device
    start = torch.randn(len(scans), settings.latent_size, generator=generator)
    codes = (FIRST_DEVIATION * start).to(device).requires_grad_()
    network.requires_grad_(False)
    half = settings.code_steps // 2
    optimiser = Adam([codes], lr=settings.new_code_learning_rate)
    loss = partial(_loss, network, scans, codes, settings, generator)
    _descend(optimiser, loss, half)
    optimiser.param_groups[0]["lr"] = LATE_SHARE * settings.new_code_learning_rate
    _descend(optimiser, loss, settings.code_steps - half)
    network.requires_grad_(True)
    return codes.detach()


def tune(
    network: ImplicitDecoder,
    scan: ScanPoints,
    code: Tensor,
    settings: ScanSpace,
    seed: tuple[int, ...],
) -> LearnedSpace:
    """Let a copy of the network, and the code (d,), learn one scan alone."""
    generator = random_source(seed, "tuning")
    own = copy.deepcopy(network).requires_grad_(True)
    codes = code[None].clone().requires_grad_()
    optimiser = Adam([*own.parameters(), codes], lr=settings.tuning_learning_rate)
    loss = partial(_loss, own, [scan], codes, settings, generator)
    _descend(optimiser, loss, settings.tuning_steps)
    return LearnedSpace(own, codes.detach())


def _descend(optimiser: torch.optim.Optimizer, loss: Callable[[], Tensor], steps: int) -> None:
    for _ in range(steps):
        optimiser.zero_grad(set_to_none=True)
        loss().backward()
        optimiser.step()


def _loss(
    network: ImplicitDecoder,
    scans: Sequence[ScanPoints],
    codes: Tensor,
    settings: ScanSpace,
    generator: torch.Generator,
) -> Tensor:
    """Sum over scans of (2) + alpha |z|, so that no scan moves the code of another."""
    draw = together([scan.draw(generator) for scan in scans]).on(codes.device)
    terms = surface_terms(network, draw, codes)
    fit = (_weights(settings, terms) * terms).sum() * len(scans)
    loss: Tensor = fit + settings.code_weight * codes.norm(dim=1).sum()
    return loss


def _weights(settings: ScanSpace, terms: Tensor) -> Tensor:
    return terms.new_tensor([1.0, settings.normal_weight, settings.eikonal_weight, 0.0, 0.0])
