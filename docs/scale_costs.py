"""Operations and activations of the networks, counted by torch without computing anything.

The project's own modules and losses run on tensors without data. torch's formulas count the matrix
products (a multiplication and an addition are two operations), hooks the bytes that automatic
differentiation keeps. What is linear in the number of points is counted on two numbers of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from toposhape.generators import ImplicitDecoder
from toposhape.generators.implicit.objectives import data_loss, geometric_regulariser
from toposhape.generators.vector_sets.autoencoder import VectorSetAutoencoder
from toposhape.generators.vector_sets.diffusion import LatentDenoiser, denoising_loss
from toposhape.settings.implicit import Variant
from toposhape.settings.run import Config

POINTS = 512


class Cost(NamedTuple):
    """Of one point, or of one shape."""

    operations: float
    """Floating-point operations."""
    kept_bytes: float
    """Kept for the backward pass, float32."""


class Counter(TorchDispatchMode):
    """Counts operations; torch's FlopCounterMode does not go with second derivatives."""

    operations = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run the function and add what it costs."""
        found = function(*args, **(kwargs or {}))
        if formula := flop_registry.get(function._overloadpacket):
            self.operations += formula(*args, **(kwargs or {}), out_val=found)
        return found


def count(loss_of: Callable[[], Tensor]) -> Cost:
    """Cost of a loss and of its backward pass, if it has one."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if not (tensor.is_leaf and tensor.requires_grad):  # parameters are there anyway
            kept[storage._cdata] = storage.nbytes()
        return tensor

    with (
        Counter() as counter,
        sdpa_kernel(SDPBackend.MATH),
        saved_tensors_hooks(keep, lambda tensor: tensor),
    ):
        loss = loss_of()
        kept_bytes = sum(kept.values())
        if loss.requires_grad:
            loss.sum().backward()
    return Cost(counter.operations, kept_bytes)


def per_point(loss_of: Callable[[int], Tensor]) -> Cost:
    """Cost of one point of a shape, from the difference between two numbers of points."""
    few, many = (count(lambda n=n: loss_of(n)) for n in (POINTS, 2 * POINTS))
    return Cost(*((more - less) / POINTS for less, more in zip(few, many, strict=True)))


def per_shape(loss_of: Callable[[int], Tensor]) -> Cost:
    """Cost of one shape of a batch: weights, of which a batch keeps one copy, are left out."""
    few, many = (count(lambda n=n: loss_of(n)) for n in (2, 4))
    return Cost(*((more - less) / 2 for less, more in zip(few, many, strict=True)))


class DecoderCosts(NamedTuple):
    """Of one point."""

    forward: Cost
    """f(x, z) alone."""
    code: Cost
    """Forward and backward to the code."""
    data: Cost
    """Forward and backward to code and weights."""
    eikonal: Cost
    """The first term of (5), forward and backward."""
    regularised: Cost
    """Both terms of (5)."""


def decoder_costs(config: Config, variant: Variant) -> DecoderCosts:
    """Of the implicit shape generator of a variant."""
    decoder = ImplicitDecoder(config.shape_generator.decoder, variant.activation).to("meta")
    decoder.train()
    codes = torch.empty(1, decoder.latent_size, device="meta", requires_grad=True)

    def points(count: int) -> Tensor:
        return torch.empty(1, count, 3, device="meta")

    def data(count: int) -> Tensor:
        return data_loss(decoder(points(count), codes), torch.empty(1, count, device="meta"))

    def regular(count: int, with_divergence: bool) -> Tensor:
        both = geometric_regulariser(decoder, points(count), codes, with_divergence=with_divergence)
        return both[0] + both[1]

    whole = per_point(data), per_point(lambda n: regular(n, False))
    second = variant.activation != "relu"
    with_divergence = per_point(lambda n: regular(n, True)) if second else whole[1]
    decoder.requires_grad_(False)
    to_code = per_point(data)
    with torch.no_grad():
        forward = per_point(lambda n: decoder(points(n), codes))
    return DecoderCosts(forward, to_code, whole[0], whole[1], with_divergence)


class VectorSetCosts(NamedTuple):
    """Of one shape."""

    autoencoder: Cost
    """A step of the autoencoder."""
    denoiser: Cost
    """A step of the denoiser."""
    encoding: Cost
    """Surface points to a posterior, forward."""
    sample: Cost
    """A latent set by Heun's method, forward."""
    decoding: Cost
    """Occupancy at every vertex of the grid, forward."""


def vector_set_costs(config: Config) -> VectorSetCosts:
    """Of 3DShape2VecSet."""
    settings, training = config.vector_sets.autoencoder, config.vector_sets.autoencoder_training
    autoencoder = VectorSetAutoencoder(settings).to("meta")
    moments = torch.empty(2, 1, settings.channels, device="meta")
    denoiser = LatentDenoiser(config.vector_sets.denoiser, *moments, settings.latents).to("meta")
    latents = torch.empty(1, settings.latents, settings.channels, device="meta")
    surface = torch.empty(1, training.surface_points, 3, device="meta")
    sigma = torch.empty(1, device="meta")

    def logits(latents: Tensor, count: int) -> Tensor:
        points = torch.empty(len(latents), count, 3, device="meta")
        return autoencoder.logits(points, autoencoder.decode(latents))

    def autoencoder_step(shapes: int) -> Tensor:
        posterior = autoencoder.encode(surface.expand(shapes, -1, -1))
        drawn = posterior.sample(torch.empty_like(posterior.means))
        return logits(drawn, training.volume_points + training.near_points).mean()

    def denoiser_step(shapes: int) -> Tensor:
        clean = latents.repeat(shapes, 1, 1)
        return denoising_loss(denoiser, clean, torch.empty_like(clean), sigma.repeat(shapes))

    steps = per_shape(autoencoder_step), per_shape(denoiser_step)
    with torch.no_grad():
        encoding = count(lambda: autoencoder.encode(surface).means)
        once = count(lambda: denoiser(latents, sigma))
        shape = count(lambda: logits(latents, POINTS)).operations
        point = per_point(lambda n: logits(latents, n)).operations
    evaluations = 2 * config.vector_sets.sampler.steps - 1
    vertices = config.shapes.resolution**3
    return VectorSetCosts(
        *steps,
        encoding,
        Cost(evaluations * once.operations, 0),
        Cost(shape + (vertices - POINTS) * point, 0),
    )
