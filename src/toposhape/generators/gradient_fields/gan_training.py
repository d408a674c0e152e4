"""Second stage of ShapeGF as published: a generator of codes against a critic of codes.

Wasserstein's loss (Arjovsky et al. 2017) with a penalty of the critic's gradient: that of Gulrajani
et al. (2017), or of the official code of ShapeGF.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from toposhape.learning.optimisers import Adam
from toposhape.learning.schedule import Cosine
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.state import TrainingState
from toposhape.learning.training import Epoch, Training
from toposhape.settings.gradient_fields import CodeGan, CodeGanTraining

from .codes import EncodedShapes
from .data import CloudSources
from .priors import GanPrior, layers
from .store import FirstStage, save_generator

BETAS = (0.5, 0.9)  # of Adam, as published
GRADIENT_CLIP = 10.0  # largest norm: the penalty keeps gradients small where all is well
SPREAD_CODES = 256


class GanState(TrainingState):
    """Generator, critic and an optimiser each; their rates stay."""

    def __init__(self, prior: GanPrior, critic: nn.Module, settings: CodeGanTraining) -> None:
        """Start anew."""
        self.prior, self.critic = prior, critic
        self.steps = torch.zeros((), dtype=torch.int64)
        super().__init__(
            {"prior": prior, "critic": critic, "steps": self.steps},
            {
                name: Adam(network.parameters(), settings.learning_rate, BETAS)
                for name, network in (("generator", prior), ("critic", critic))
            },
            Cosine(settings.epochs, 0, final_share=1.0),
        )


@dataclass(frozen=True, eq=False)
class CodeGanStage(Training[GanState]):
    """Generator against critic, on the codes of training shapes."""

    shapes: CloudSources
    training: CodeGanTraining
    weights: str | Path
    metadata: str | Path
    first: FirstStage
    gan: CodeGan

    section = "gradient_fields.gan_training"
    columns = ("critic", "penalty", "spread")
    shown = columns

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.training.checkpoint_every

    def identity(self) -> dict[str, Any]:
        """Settings, shapes, the content of their clouds, and the encoder."""
        return {
            "settings": [self.gan, self.training],
            "shapes": self.shapes.training.shapes,
            "content": self.shapes.training.digests(),
            "gradient_field": self.first.metadata["sha256"],
        }

    @cached_property
    def learned(self) -> EncodedShapes:
        """Codes of the training shapes."""
        random = random_source(self.seed, "learned views")
        return self.first.encoded(self.shapes.training, self.training.views, random)

    def start(self) -> GanState:
        """New networks."""
        size = self.learned.codes.shape[-1]
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(self.seed, "code gan"))
            prior = GanPrior(self.gan, *self.learned.moments())
            critic = layers((size, *self.gan.critic_widths, 1), nn.LeakyReLU(0.2))
        return GanState(prior.to(self.device), critic.to(self.device), self.training)

    def epoch(self, state: GanState) -> Epoch:
        """Every training shape once.

        Neither loss of an adversary need fall, so that no loss is watched for a rise; `spread` is
        the mean deviation of made codes, 1 for the true ones.
        """
        random = random_source(self.seed, "code gan", state.schedule.epoch)
        order = torch.randperm(self.learned.shapes, generator=random)
        found = [
            self._step(state, places, random)
            for places in order.split(self.training.shapes_per_batch)
        ]
        critic, penalty = torch.stack(found).mean(dim=0).tolist()
        with torch.no_grad():
            spread = state.prior.normalised_codes(self._noise(SPREAD_CODES, random)).std(dim=0)
        losses = {"critic": critic, "penalty": penalty, "spread": float(spread.mean())}
        return Epoch(losses, 0.0, 0.0, {})

    def save(self, state: GanState, record: dict[str, Any]) -> None:
        """Write the generator, with the first stage's networks."""
        description = {
            **record,
            "stop_reason": f"all {state.schedule.epoch} epochs done ({int(state.steps)} steps)",
            "training": self.training.model_dump(mode="json"),
            "shapes": list(self.shapes.training.shapes),
            "gan": self.gan.model_dump(mode="json"),
        }
        save_generator(self.weights, self.metadata, self.first, "gan", state.prior, description)

    def _step(self, state: GanState, places: Tensor, random: torch.Generator) -> Tensor:
        """Steps of the critic, then one of the generator; the last critic's loss and penalty."""
        for _ in range(self.training.critic_steps):
            codes = self.learned.draw(places, random).to(self.device)
            true = (codes - state.prior.means) / state.prior.deviations
            with torch.no_grad():
                made = state.prior.normalised_codes(self._noise(len(places), random))
            mixed = torch.rand(len(places), 1, generator=random).to(self.device)
            loss = state.critic(made).mean() - state.critic(true).mean()
            penalty = gradient_penalty(state.critic, true, made, mixed, self.training.penalty)
            state.clear_gradients()
            state.take_step("critic", loss + self.training.penalty_weight * penalty, GRADIENT_CLIP)
        state.clear_gradients()
        made = state.prior.normalised_codes(self._noise(len(places), random))
        state.take_step("generator", -state.critic(made).mean(), GRADIENT_CLIP)
        state.steps += 1
        return torch.stack([loss, penalty]).detach()

    def _noise(self, count: int, random: torch.Generator) -> Tensor:
        return torch.randn(count, self.gan.noise_size, generator=random).to(self.device)


def gradient_penalty(
    critic: nn.Module, true: Tensor, made: Tensor, mixed: Tensor, kind: str
) -> Tensor:
    """What the critic pays for steepness: ().

    Args:
        critic: codes (B, d) -> (B, 1).
        true: (B, d).
        made: (B, d).
        mixed: share of the true codes where `gulrajani` looks, (B, 1).
        kind: zero_centred or gulrajani.
    """
    at = true if kind == "zero_centred" else mixed * true + (1 - mixed) * made
    at = at.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(critic(at).sum(), at, create_graph=True)
    norms = slopes.norm(dim=1)
    penalty: Tensor = (
        norms.mean().square() if kind == "zero_centred" else (norms - 1).square().mean()
    )
    return penalty
