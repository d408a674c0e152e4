"""Second stage of ShapeGF: a prior of codes, of one of three kinds."""

from pathlib import Path
from typing import Any

import torch

from toposhape.base.files import write_atomically
from toposhape.learning.identity import environment
from toposhape.learning.loop import train
from toposhape.learning.seeds import random_source
from toposhape.settings.gradient_fields import GradientFields
from toposhape.settings.methods import Prior

from .data import CloudSources
from .diffusion_training import CodeDiffusionStage
from .gan_training import CodeGanStage
from .priors import GaussianPrior
from .store import FirstStage, load_gradient_field, save_generator


def train_code_prior(
    first_stage: str | Path,
    shapes: CloudSources,
    kind: Prior,
    settings: GradientFields,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "code prior",
) -> None:
    """Train a prior of the codes of a trained encoder, and write the whole generator.

    Args:
        first_stage: weights of encoder and denoiser, with their JSON file beside them.
        shapes: training and validation shapes; the latter may be none.
        kind: gan, the published one; diffusion; or gaussian, the codes' mean and covariance.
        settings: of all of it.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write; of a Gaussian, whose fit has no epochs, the heading alone.
        device: where to train.
        title: names this training in messages.

    Raises:
        DivergenceError: if a loss is not finite; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
        DamagedWeightsError: if the first stage's files do not belong together.
    """
    first = load_gradient_field(first_stage, device)
    common: dict[str, Any] = {"seed": seed, "device": torch.device(device), "title": title}
    if kind == "gaussian":
        _fit_gaussian(first, shapes, settings, seed, weights, metadata, device)
        Path(history).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(history, b"epoch\n")
    elif kind == "gan":
        gan = CodeGanStage(
            shapes, settings.gan_training, weights, metadata, first, settings.gan, **common
        )
        train(gan, checkpoints, history)
    else:
        diffusion = CodeDiffusionStage(
            shapes, settings.diffusion_training, weights, metadata, first, settings.diffusion,
            settings.diffusion_sampler, **common,
        )  # fmt: skip
        train(diffusion, checkpoints, history)


def _fit_gaussian(
    first: FirstStage,
    shapes: CloudSources,
    settings: GradientFields,
    seed: tuple[int, ...],
    weights: str | Path,
    metadata: str | Path,
    device: torch.device | str,
) -> None:
    random = random_source(seed, "learned views")
    codes = first.encoded(shapes.training, settings.diffusion_training.views, random)
    prior = GaussianPrior(codes.codes.shape[-1]).to(device)
    prior.fit(codes)
    description = {
        "seed": list(seed),
        "stop_reason": "mean and covariance of the codes",
        "shapes": list(shapes.training.shapes),
        **environment(torch.device(device)),
    }
    save_generator(weights, metadata, first, "gaussian", prior, description)
