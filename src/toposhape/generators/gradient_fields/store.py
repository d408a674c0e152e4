"""ShapeGF on disk: safetensors, and JSON for all that explains them.

The first stage's file has encoder and denoiser; a generator's has these, as they were when its
prior was trained, and the prior.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from toposhape.learning.stored_weights import explained, fill, read_weights, save_weights
from toposhape.settings.gradient_fields import CodeGan, PointDenoiser, PointEncoder
from toposhape.settings.vector_sets import HeunSampler, SetDenoiser

from .codes import EncodedShapes
from .data import CloudSource
from .network import GradientField
from .priors import CodePrior, DiffusionPrior, GanPrior, GaussianPrior

GRADIENT_FIELD = "gradient_fields/first"
GENERATOR = "gradient_fields"
"""A family's name is that of the file by which its generator is loaded."""
FIELD, PRIOR = "field.", "prior."


class FirstStage(NamedTuple):
    """Encoder and denoiser in evaluation mode, and their JSON file's content."""

    network: GradientField
    metadata: Mapping[str, Any]

    @property
    def encoded_points(self) -> int:
        """Points that the encoder has learned to encode a shape from."""
        points: int = self.metadata["training"]["encoded_points"]
        return points

    def encoded(self, shapes: CloudSource, views: int, generator: torch.Generator) -> EncodedShapes:
        """Codes of shapes, `views` of each."""
        return EncodedShapes.encode(self.network, shapes, views, self.encoded_points, generator)


def load_gradient_field(weights: str | Path, device: torch.device | str = "cpu") -> FirstStage:
    """Read encoder and denoiser; their JSON file lies beside the weights.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, GRADIENT_FIELD, device)
    with explained(weights):
        network = _network(metadata, tensors)
    return FirstStage(network.to(device).eval(), metadata)


def save_generator(
    weights: str | Path,
    metadata: str | Path,
    first: FirstStage,
    kind: str,
    prior: CodePrior,
    description: Mapping[str, Any],
) -> None:
    """Write encoder, denoiser and prior as one generator.

    Args:
        weights: safetensors file to write.
        metadata: JSON file to write.
        first: the first stage.
        kind: of the prior.
        prior: trained on its codes.
        description: of the prior's training.
    """
    tensors = {
        **{FIELD + name: each for name, each in first.network.state_dict().items()},
        **{PRIOR + name: each for name, each in prior.state_dict().items()},
    }
    content = {**description, "prior": kind, "first_stage": dict(first.metadata)}
    save_weights(weights, metadata, tensors, GENERATOR, content)


def load_stages(
    weights: str | Path, device: torch.device | str = "cpu"
) -> tuple[FirstStage, CodePrior, dict[str, Any]]:
    """Read a generator: first stage, prior, the JSON file's content.

    Raises:
        DamagedWeightsError: if the weights are not those that the JSON file describes.
        UnknownFormatError: if they are of another format or family.
    """
    metadata, tensors = read_weights(weights, GENERATOR, device)
    with explained(weights):
        network = _network(metadata["first_stage"], _part(tensors, FIELD))
        prior = _prior(metadata, _part(tensors, PRIOR))
    first = FirstStage(network.to(device).eval(), metadata["first_stage"])
    return first, prior.to(device).eval(), metadata


def _network(metadata: Mapping[str, Any], tensors: dict[str, Tensor]) -> GradientField:
    encoder = PointEncoder.model_validate(metadata["encoder"])
    denoiser = PointDenoiser.model_validate(metadata["denoiser"])
    return fill(lambda: GradientField(encoder, denoiser, metadata["dimensions"]), tensors)


def _prior(metadata: Mapping[str, Any], tensors: dict[str, Tensor]) -> CodePrior:
    kind = metadata["prior"]
    if kind == "gaussian":
        size = metadata["first_stage"]["encoder"]["latent_size"]
        return fill(lambda: GaussianPrior(size), tensors)
    if kind == "gan":
        gan = CodeGan.model_validate(metadata["gan"])
        moments = tensors["means"], tensors["deviations"]
        return fill(lambda: GanPrior(gan, *moments), tensors)
    settings = SetDenoiser.model_validate(metadata["diffusion"])
    sampler = HeunSampler.model_validate(metadata["diffusion_sampler"])
    moments = tensors["denoiser.means"], tensors["denoiser.deviations"]
    return fill(lambda: DiffusionPrior(settings, sampler, *moments), tensors)


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)
    }
