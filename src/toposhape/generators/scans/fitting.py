"""Learning a surface from a scan: loss (2) by Adam, in the common way through any training."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.learning.loop import train
from toposhape.learning.muon import Muon
from toposhape.learning.optimisers import Adam
from toposhape.learning.schedule import FlatThenCooldown
from toposhape.learning.seeds import random_source
from toposhape.learning.state import TrainingState
from toposhape.learning.training import Epoch, Training
from toposhape.settings.scans import SurfaceFitting, SurfaceMethod
from toposhape.shapes.mesh_topology import Betti
from toposhape.shapes.visibility import oriented_normals

from .draws import ScanPoints
from .network import new_network
from .objective import TERMS, surface_terms
from .store import save_surface
from .topology import Corrections, PrescribedTopology, no_corrections, topological_term


def fit_surface(
    points: NDArray[np.float32],
    normals: NDArray[np.float32] | None,
    settings: SurfaceFitting,
    method: SurfaceMethod,
    *,
    betti: Betti | None = None,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "surface",
) -> None:
    """Learn a surface and write its network.

    A training that was killed goes on from its last checkpoint and ends in the same weights.

    Args:
        points: (n, 3), in the shape frame.
        normals: (n, 3) unit vectors; they are not looked at unless the method uses them.
        settings: of network and training.
        method: which terms are taken.
        betti: pieces, handles and cavities, for methods that prescribe them.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.
        title: names this training in messages.

    Raises:
        ValueError: if the method uses normals or Betti numbers and there are none.
        DivergenceError: when training goes wrong; the last good checkpoint stays.
    """
    if method.normals == "estimated":
        normals = oriented_normals(points.astype(np.float64)).astype(np.float32)
    elif method.normals and normals is None:
        raise ValueError(
            f"{title}: the scan has no normals; use a method without (normals: false), or one "
            "that estimates them (normals: estimated)"
        )
    settings = settings.for_method(method)
    wanted = None
    if method.topology_weight > 0:
        if betti is None:
            raise ValueError(
                f"{title}: nobody knows the Betti numbers that the method prescribes; name them "
                "(scans.betti), or set its topology_weight to 0"
            )
        wanted = PrescribedTopology(points, betti)
    scan = ScanPoints(points, normals if method.normals else None, settings)
    training = SurfaceTraining(
        scan, settings, method, wanted, weights, metadata,
        seed=seed, device=torch.device(device), title=title,
    )  # fmt: skip
    train(training, checkpoints, history)


class SurfaceState(TrainingState):
    """A network, its optimisers and its schedule."""

    schedule: FlatThenCooldown

    def __init__(
        self, settings: SurfaceFitting, seed: tuple[int, ...], device: torch.device
    ) -> None:
        """Start anew."""
        self.network = new_network(settings.network, seed).to(device)
        schedule = FlatThenCooldown.of(settings)
        super().__init__({"network": self.network}, self._new_optimisers(settings), schedule)

    def _new_optimisers(self, settings: SurfaceFitting) -> dict[str, torch.optim.Optimizer]:
        rate = settings.matrix_learning_rate
        matrices = [] if rate is None else [layer.weight for layer in self.network.hidden]
        chosen = set(matrices)
        others = [each for each in self.network.parameters() if each not in chosen]
        adam = Adam(others, lr=settings.learning_rate, fused=True)
        return {"adam": adam, **({} if rate is None else {"muon": Muon(matrices, rate)})}


@dataclass(frozen=True, eq=False)
class SurfaceTraining(Training[SurfaceState]):
    """Loss (2) on one scan."""

    scan: ScanPoints
    settings: SurfaceFitting
    method: SurfaceMethod
    wanted: PrescribedTopology | None
    weights: str | Path
    metadata: str | Path

    section = "scans.fitting"
    columns = ("loss", *TERMS, "topology")
    shown = ("surface", "normal", "eikonal", "topology")

    def identity(self) -> dict[str, Any]:
        """Settings, method, and the content of the scan."""
        return {
            "settings": self.settings,
            "method": self.method,
            "scan": self.scan.digest(),
            "betti": self.wanted.betti if self.wanted else None,
        }

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.settings.checkpoint_every

    def start(self) -> SurfaceState:
        """A new network."""
        return SurfaceState(self.settings, self.seed, self.device)

    def epoch(self, state: SurfaceState) -> Epoch:
        """So many steps, each on points of its own; the topology is looked at before them."""
        corrections = self._corrections(state)
        generator = random_source(self.seed, "points", state.schedule.epoch)
        weights = self._term_weights(state)
        scale = torch.tensor(weights, device=self.device)
        totals = torch.zeros(len(TERMS) + 2, dtype=torch.float64, device=self.device)
        for _ in range(self.settings.steps_per_epoch):
            state.clear_gradients()
            draw = self.scan.draw(generator).on(self.device)
            terms = surface_terms(
                state.network, draw, off_surface=weights[3] > 0, divergence=weights[4] > 0
            )
            topology = topological_term(state.network, corrections)
            loss = (scale * terms).sum() + self.method.topology_weight * topology
            name, *others = state.optimisers
            state.take_step(name, loss, self.settings.gradient_clip, *others)
            totals += torch.stack([loss, *terms, topology]).detach()
        means = totals / self.settings.steps_per_epoch
        losses = dict(zip(self.columns, means.tolist(), strict=True))
        return Epoch(losses, losses["loss"], losses["loss"], {})

    def save(self, state: SurfaceState, record: dict[str, Any]) -> None:
        """Write the network, and say why training ended."""
        reason = state.schedule.stop_reason("training")
        sys.stderr.write(f"{self.title}: {reason}\n")
        described = {
            **record,
            "stop_reason": reason,
            "loss": state.schedule.smoothed,
            "fitting": self.settings.model_dump(mode="json"),
            "method": self.method.model_dump(mode="json"),
        }
        save_surface(self.weights, self.metadata, state.network, self.settings.network, described)

    def _corrections(self, state: SurfaceState) -> Corrections:
        """Where the topology is wrong, from its share of the budget on."""
        begin = self.method.topology_from * self.settings.max_epochs
        if self.wanted is None or state.schedule.epoch < begin:
            return no_corrections(self.device)
        return self.wanted.corrections(state.network)

    def _term_weights(self, state: SurfaceState) -> tuple[float, ...]:
        """In the order of `TERMS`; that of the divergence falls to 0 over half of the budget."""
        method, settings = self.method, self.settings
        normal = settings.normal_weight if method.normals else 0.0
        left = max(0.0, 1 - 2 * state.schedule.epoch / settings.max_epochs)
        divergence = left * method.divergence_weight
        return 1.0, normal, settings.eikonal_weight, method.off_surface_weight, divergence
