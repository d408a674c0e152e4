"""Shapes as sets of latent vectors: the autoencoder of 3DShape2VecSet.

Zhang et al., 3DShape2VecSet: A 3D Shape Representation for Neural Fields and Generative Diffusion
Models, SIGGRAPH 2023. Occupancy logits are **positive inside**.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from toposhape.settings.vector_sets import SetAutoencoder

from .attention import Attention, FeedForward, SelfAttentionLayer

LOG_VARIANCE_BOUNDS = (-30.0, 20.0)  # beyond them its exponential is of no use


class Posterior(NamedTuple):
    """A Gaussian for every number of a latent set.

    Attributes:
        means: (B, M, C).
        log_variances: (B, M, C).
    """

    means: Tensor
    log_variances: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """Latents (B, M, C) for standard normal noise of that form."""
        return self.means + torch.exp(0.5 * self.log_variances) * noise

    def divergence(self) -> Tensor:
        """KL divergence from N(0, I), mean over all numbers."""
        squared = self.means.square()
        return 0.5 * (squared + self.log_variances.exp() - 1 - self.log_variances).mean()


class DecodedSet(NamedTuple):
    """What every query point attends to: computed once for a shape, then used for all points.

    Attributes:
        keys: (B, heads, M, width / heads).
        values: of the same form.
    """

    keys: Tensor
    values: Tensor


class ExactLinear(nn.Linear):
    """An affine map in its weights' own type, also where others run in a lower precision."""

    def forward(self, vectors: Tensor) -> Tensor:
        """Map (..., in) to (..., out)."""
        device = vectors.device.type
        if not torch.amp.is_autocast_available(device):  # meta: tensors without data
            return super().forward(vectors)
        with torch.autocast(device, enabled=False):
            return super().forward(vectors.to(self.weight.dtype))


class PointEmbedding(nn.Module):
    """Sines and cosines of pi 2^k x along each axis, and x itself, mapped to `width` numbers."""

    scales: Tensor

    def __init__(self, frequencies: int, width: int) -> None:
        super().__init__()
        exponents = torch.arange(frequencies, device="cpu")  # values, on the meta device too
        self.register_buffer("scales", math.pi * 2.0**exponents, persistent=False)
        self.affine = ExactLinear(3 * (2 * frequencies + 1), width)

    def forward(self, points: Tensor) -> Tensor:
        """Embed points (B, P, 3): (B, P, width)."""
        angles = (points.unsqueeze(-1) * self.scales).flatten(-2)
        embedded: Tensor = self.affine(torch.cat([angles.sin(), angles.cos(), points], dim=-1))
        return embedded


class VectorSetAutoencoder(nn.Module):
    """Surface points -> M latents of C channels -> occupancy logits at any point.

    The latents' queries are either farthest points of the given surface points, so that the
    latents are a set without order, or learned, so that each of the M has a place of its own.
    """

    def __init__(self, settings: SetAutoencoder) -> None:
        """Build the network; its weights come from torch's global random state."""
        super().__init__()
        width, heads, factor = settings.width, settings.heads, settings.feed_forward
        self.settings = settings
        self.embedding = PointEmbedding(settings.frequencies, width)
        self.learned_queries = None
        if settings.queries == "learned":
            self.learned_queries = nn.Parameter(torch.randn(settings.latents, width))
        self.encoder_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.encoder_attention = Attention(width, heads)
        self.encoder_feed = FeedForward(width, factor)
        self.posterior = ExactLinear(width, 2 * settings.channels)
        self.rise = ExactLinear(settings.channels, width)
        self.layers = nn.ModuleList(
            SelfAttentionLayer(width, heads, factor) for _ in range(settings.layers)
        )
        self.decoder_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.decoder_attention = Attention(width, heads)
        self.decoder_feed = FeedForward(width, factor) if settings.decoder_feed_forward else None
        self.output = ExactLinear(width, 1)

    def encode(self, surface: Tensor) -> Posterior:
        """Posterior of the latent set of the shapes with surface points (B, P, 3), P >= M."""
        context = self.embedding(surface)
        if self.learned_queries is None:
            chosen = farthest_points(surface, self.settings.latents)
            queries = context.gather(1, chosen.unsqueeze(-1).expand(-1, -1, context.shape[-1]))
        else:
            queries = self.learned_queries.expand(len(surface), -1, -1)
        for_queries, for_context, for_feed = self.encoder_norms
        projected = self.encoder_attention.project(for_context(context))
        vectors = queries + self.encoder_attention(for_queries(queries), *projected)
        vectors = vectors + self.encoder_feed(for_feed(vectors))
        means, log_variances = self.posterior(vectors).chunk(2, dim=-1)
        return Posterior(means, log_variances.clamp(*LOG_VARIANCE_BOUNDS))

    def decode(self, latents: Tensor) -> DecodedSet:
        """Let the latents (B, M, C) of each shape talk to each other."""
        vectors = self.rise(latents)
        if self.learned_queries is not None:
            vectors = vectors + self.learned_queries
        for layer in self.layers:
            vectors = layer(vectors)
        return DecodedSet(*self.decoder_attention.project(self.decoder_norms[0](vectors)))

    def logits(self, points: Tensor, decoded: DecodedSet) -> Tensor:
        """Occupancy logits (B, P) at points (B, P, 3), positive inside."""
        queries = self.embedding(points)
        vectors = self.decoder_attention(self.decoder_norms[1](queries), *decoded)
        if self.decoder_feed is not None:
            vectors = queries + vectors
            vectors = vectors + self.decoder_feed(self.decoder_norms[2](vectors))
        logits: Tensor = self.output(vectors).squeeze(-1)
        return logits


def farthest_points(points: Tensor, count: int) -> Tensor:
    """Indices (B, count) of points (B, P, 3), each the farthest from those before it.

    The first is the first point. Eldar et al., The farthest point strategy, 1997.

    Raises:
        ValueError: if there are fewer points than are asked for.
    """
    if points.shape[1] < count:
        raise ValueError(f"{points.shape[1]} surface points cannot give {count} farthest ones")
    chosen = torch.zeros(len(points), count, dtype=torch.long, device=points.device)
    nearest = torch.full(points.shape[:2], math.inf, device=points.device)
    each = torch.arange(len(points), device=points.device)
    for i in range(1, count):
        latest = points[each, chosen[:, i - 1]].unsqueeze(1)
        nearest = torch.minimum(nearest, (points - latest).square().sum(dim=-1))
        chosen[:, i] = nearest.argmax(dim=1)
    return chosen
