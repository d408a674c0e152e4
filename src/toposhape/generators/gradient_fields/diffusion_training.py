"""Second stage of ShapeGF, ours: diffusion on the codes of training shapes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from toposhape.learning.seeds import derived_seed, random_source
from toposhape.settings.gradient_fields import CodeDiffusionTraining
from toposhape.settings.vector_sets import HeunSampler, SetDenoiser

from ..batch import Batch
from ..stage import Stage, StageState
from ..vector_sets.attention import layer_matrices
from ..vector_sets.diffusion import denoising_loss
from .codes import EncodedShapes
from .data import CloudSource, CloudSources
from .priors import DiffusionPrior
from .store import FirstStage, save_generator

VALIDATION_DRAWS = 4  # levels of noise on which a validation shape's loss is taken


@dataclass(frozen=True)
class CodeBatch(Batch):
    """Codes of some shapes, and noise.

    Attributes:
        codes: normalised, (B, 1, d).
        noise: standard normal, of that form.
        sigma: its deviations, (B,).
    """

    codes: Tensor
    noise: Tensor
    sigma: Tensor


@dataclass(frozen=True, eq=False)
class CodeDiffusionStage(Stage):
    """EDM's denoising loss on codes."""

    shapes: CloudSources
    training: CodeDiffusionTraining
    first: FirstStage
    denoiser: SetDenoiser
    sampler: HeunSampler

    section = "gradient_fields.diffusion_training"
    columns = ("loss", "validation", "gradient_norm")
    shown = columns

    def identity(self) -> dict[str, Any]:
        """Settings, shapes, the content of their clouds, and the encoder."""
        return {
            "settings": [self.denoiser, self.training],
            "shapes": [part.shapes for part in self.shapes],
            "content": [part.digests() for part in self.shapes],
            "gradient_field": self.first.metadata["sha256"],
        }

    @cached_property
    def learned(self) -> EncodedShapes:
        """Codes of the training shapes."""
        return self._encoded(self.shapes.training, "learned views")

    @cached_property
    def watched(self) -> EncodedShapes:
        """Codes of the validation shapes."""
        return self._encoded(self.shapes.validation, "watched views")

    def start(self) -> StageState:
        """A new prior, which knows the codes' moments."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(self.seed, "code diffusion"))
            prior = DiffusionPrior(self.denoiser, self.sampler, *self.learned.moments())
        prior = prior.to(self.device)
        return StageState(prior, self.training, layer_matrices(prior), self.training.averaging)

    def learn(self, state: StageState) -> dict[str, float]:
        """Learn from every shape once."""
        random = random_source(self.seed, "code diffusion", state.schedule.epoch)
        denoiser = state.network.denoiser
        batches = self._batches(state, random)
        loss, _, norm = state.learn(batches, lambda batch: _terms(denoiser, batch), (1.0,))
        return {"loss": loss, "gradient_norm": norm}

    def validate(self, state: StageState) -> float:
        """Loss of the mean weights on the validation shapes, with the same noise in every epoch."""
        places = torch.arange(self.watched.shapes).repeat(VALIDATION_DRAWS)
        random = random_source(self.seed, "code diffusion validation")
        weights = {name.removeprefix("denoiser."): mean for name, mean in state.averaged.items()}

        def denoise(*inputs: Tensor) -> Tensor:
            denoised: Tensor = functional_call(state.network.denoiser, weights, inputs)
            return denoised

        batch = self._drawn(state, self.watched, places, random).on(state.device)
        return float(state.evaluate(batch, lambda part: _terms(denoise, part)))

    def save(self, state: StageState, record: dict[str, Any]) -> None:
        """Write the mean of the weights, with the first stage's."""
        state.use_averaged()
        settings = {
            "diffusion": self.denoiser.model_dump(mode="json"),
            "diffusion_sampler": self.sampler.model_dump(mode="json"),
        }
        save_generator(
            self.weights, self.metadata, self.first, "diffusion", state.network,
            {**self.describe(state, record), **settings},
        )  # fmt: skip

    def _batches(self, state: StageState, random: torch.Generator) -> Iterator[CodeBatch]:
        order = torch.randperm(self.learned.shapes, generator=random)
        for places in order.split(self.training.shapes_per_batch):
            yield self._drawn(state, self.learned, places, random)

    def _drawn(
        self, state: StageState, codes: EncodedShapes, places: Tensor, random: torch.Generator
    ) -> CodeBatch:
        drawn = codes.draw(places, random)[:, None]
        noise = torch.randn(drawn.shape, generator=random)
        logarithm = torch.randn(len(drawn), generator=random) * self.training.noise_log_deviation
        sigma = (logarithm + self.training.noise_log_mean).exp()
        return CodeBatch(state.network.denoiser.normalise(drawn), noise, sigma)

    def _encoded(self, shapes: CloudSource, what: str) -> EncodedShapes:
        return self.first.encoded(shapes, self.training.views, random_source(self.seed, what))


def _terms(denoise: Callable[[Tensor, Tensor], Tensor], batch: CodeBatch) -> Tensor:
    """The denoising loss: (1,)."""
    return denoising_loss(denoise, batch.codes, batch.noise, batch.sigma)[None]
