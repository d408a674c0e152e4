"""Second stage of 3DShape2VecSet: diffusion on the latent sets of a trained autoencoder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor
from torch.func import functional_call

from toposhape.learning.loop import train
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.stored_weights import save_weights
from toposhape.settings.vector_sets import SetDenoiser, SetDiffusionTraining

from ..batch import Batch
from ..stage import Stage, StageState
from .attention import layer_matrices
from .autoencoder import Posterior, VectorSetAutoencoder
from .data import OccupancySource, ShapeSources
from .diffusion import LatentDenoiser, denoising_loss
from .store import DENOISER, TrainedNetwork, load_autoencoder

ENCODED_SHAPES = 8  # at a time
VALIDATION_DRAWS = 4  # levels of noise on which a validation shape's loss is taken


@dataclass(frozen=True)
class DenoisingBatch(Batch):
    """What chance decides for some shapes.

    Attributes:
        shapes: places of the shapes, (B,) int64.
        views: which of their posteriors, (B,) int64.
        sample: noise by which latents are drawn from these, (B, M, C).
        noise: that is added to the latents, (B, M, C).
        sigma: its deviations, (B,).
    """

    shapes: Tensor
    views: Tensor
    sample: Tensor
    noise: Tensor
    sigma: Tensor


class LatentSets(NamedTuple):
    """Posteriors of shapes, each encoded several times from other surface points.

    Attributes:
        means: (views, n, M, C).
        log_variances: of the same form.
    """

    means: Tensor
    log_variances: Tensor

    @classmethod
    @torch.no_grad()
    def encode(
        cls,
        autoencoder: VectorSetAutoencoder,
        shapes: OccupancySource,
        views: int,
        surface_points: int,
        generator: torch.Generator,
    ) -> Self:
        """Encode every shape `views` times."""
        device = next(autoencoder.parameters()).device
        form = (views, len(shapes), autoencoder.settings.latents, autoencoder.settings.channels)
        sets = cls(torch.empty(form, device=device), torch.empty(form, device=device))
        for view in range(views):
            for first in range(0, len(shapes), ENCODED_SHAPES):
                places = range(first, min(first + ENCODED_SHAPES, len(shapes)))
                surface = shapes.draw_surface(places, surface_points, generator, device)
                posterior = autoencoder.encode(surface)
                sets.means[view, places] = posterior.means
                sets.log_variances[view, places] = posterior.log_variances
        return sets

    @property
    def shapes(self) -> int:
        """Number of shapes."""
        return self.means.shape[1]

    def draw(
        self, shapes: Tensor, training: SetDiffusionTraining, generator: torch.Generator
    ) -> DenoisingBatch:
        """A random view and noise for each of the shapes; the logarithms of sigma are normal."""
        views, _, *form = self.means.shape
        chosen = torch.randint(views, (len(shapes),), generator=generator)
        sample = torch.randn(len(shapes), *form, generator=generator)
        noise = torch.randn(sample.shape, generator=generator)
        logarithm = torch.randn(len(shapes), generator=generator) * training.noise_log_deviation
        sigma = (logarithm + training.noise_log_mean).exp()
        return DenoisingBatch(shapes, chosen, sample, noise, sigma)

    def latents(self, batch: DenoisingBatch) -> Tensor:
        """Latents (B, M, C) of a batch."""
        at = batch.views, batch.shapes
        return Posterior(self.means[at], self.log_variances[at]).sample(batch.sample)

    def moments(self, *, ordered: bool) -> tuple[Tensor, Tensor]:
        """Mean and deviation of every channel, (1, C), or of each latent by itself, (M, C)."""
        over = (0, 1) if ordered else (0, 1, 2)
        within = self.log_variances.exp().mean(dim=over)
        between = self.means.var(dim=over, correction=0)
        means = self.means.mean(dim=over)
        form = (-1, means.shape[-1])
        return means.view(form), (within + between).sqrt().view(form)


def train_set_diffusion(
    autoencoder_weights: str | Path,
    shapes: ShapeSources,
    settings: SetDenoiser,
    training: SetDiffusionTraining,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "set diffusion",
) -> None:
    """Train the denoiser for its epochs and write the mean of its weights.

    Killed and started again it ends in the same weights, as the autoencoder's training does.

    Args:
        autoencoder_weights: of the first stage, with its JSON file beside it.
        shapes: training and validation shapes; the latter may be none.
        settings: of the network.
        training: of loss and optimiser.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.
        title: names this training in messages.

    Raises:
        DivergenceError: if the loss is not finite; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
        ValueError: if the autoencoder's files do not belong together.
    """
    autoencoder = load_autoencoder(autoencoder_weights, device)
    stage = DiffusionStage(
        shapes, training, weights, metadata, settings, autoencoder,
        seed=seed, device=torch.device(device), title=title,
    )  # fmt: skip
    train(stage, checkpoints, history)


@dataclass(frozen=True, eq=False)
class DiffusionStage(Stage):
    """The denoising loss of an autoencoder's latents."""

    shapes: ShapeSources
    training: SetDiffusionTraining
    settings: SetDenoiser
    autoencoder: TrainedNetwork

    section = "vector_sets.diffusion_training"
    columns = ("loss", "validation", "gradient_norm")
    shown = columns

    def identity(self) -> dict[str, Any]:
        """Settings, shapes, the content of their surfaces, and the autoencoder."""
        return {
            "settings": [self.settings, self.training],
            "shapes": [part.shapes for part in self.shapes],
            "content": [part.surface_digests() for part in self.shapes],
            "autoencoder": self.autoencoder.metadata["sha256"],
        }

    @cached_property
    def learned(self) -> LatentSets:
        """Latents of the training shapes."""
        return self._encoded(self.shapes.training, "learned views")

    @cached_property
    def watched(self) -> LatentSets:
        """Latents of the validation shapes."""
        return self._encoded(self.shapes.validation, "watched views")

    def start(self) -> StageState:
        """A new denoiser, which knows the latents' moments."""
        autoencoder, training = self.autoencoder.network, self.training
        moments = self.learned.moments(ordered=autoencoder.learned_queries is not None)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(self.seed, "denoiser"))
            network = LatentDenoiser(self.settings, *moments, autoencoder.settings.latents)
        network = network.to(self.device)
        return StageState(network, training, layer_matrices(network), training.averaging)

    def learn(self, state: StageState) -> dict[str, float]:
        """Learn from every shape once; returns means over the epoch."""
        random = random_source(self.seed, "diffusion", state.schedule.epoch)
        batches = _batches(self.learned, self.training, random)
        terms_of = partial(_terms, state.network, state.network, self.learned)
        loss, _, norm = state.learn(batches, terms_of, (1.0,))
        return {"loss": loss, "gradient_norm": norm}

    def validate(self, state: StageState) -> float:
        """Loss of the mean weights on the validation shapes, with the same noise in every epoch."""
        shapes = torch.arange(self.watched.shapes).repeat(VALIDATION_DRAWS)
        random = random_source(self.seed, "diffusion validation")
        batch = self.watched.draw(shapes, self.training, random)

        def denoise(noisy: Tensor, sigma: Tensor) -> Tensor:
            denoised: Tensor = functional_call(state.network, state.averaged, (noisy, sigma))
            return denoised

        terms_of = partial(_terms, state.network, denoise, self.watched)
        return float(state.evaluate(batch.on(state.device), terms_of))

    def save(self, state: StageState, record: dict[str, Any]) -> None:
        """Write the mean of the denoiser's weights."""
        state.use_averaged()
        description = {
            **self.describe(state, record),
            "autoencoder_sha256": self.autoencoder.metadata["sha256"],
            "denoiser": self.settings.model_dump(mode="json"),
            "latents": state.network.latents,
            "channels": state.network.channels,
        }
        save_weights(self.weights, self.metadata, state.network.state_dict(), DENOISER, description)

    def _encoded(self, shapes: OccupancySource, what: str) -> LatentSets:
        network, first_stage = self.autoencoder
        points = first_stage["training"]["surface_points"]
        random = random_source(self.seed, what)
        return LatentSets.encode(network, shapes, self.training.views, points, random)


def _batches(
    sets: LatentSets, training: SetDiffusionTraining, generator: torch.Generator
) -> Iterator[DenoisingBatch]:
    """In random order."""
    order = torch.randperm(sets.shapes, generator=generator)
    for shapes in order.split(training.shapes_per_batch):
        yield sets.draw(shapes, training, generator)


def _terms(
    network: LatentDenoiser,
    denoise: Callable[[Tensor, Tensor], Tensor],
    sets: LatentSets,
    batch: DenoisingBatch,
) -> Tensor:
    """The denoising loss: (1,)."""
    clean = network.normalise(sets.latents(batch))
    return denoising_loss(denoise, clean, batch.noise, batch.sigma)[None]
