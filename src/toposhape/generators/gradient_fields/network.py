"""The networks of ShapeGF: a PointNet, and a denoiser of points.

Cai et al., Learning Gradient Fields for Shape Generation, ECCV 2020. The paper's field g(x, s) is
the score of a shape's points blurred by noise of deviation s; a denoiser D says the same, since
s^2 g(x, s) = D(x, s) - x (Tweedie's formula), and is a point whatever s is.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from toposhape.settings.gradient_fields import PointDenoiser, PointEncoder

from ..vector_sets.autoencoder import ExactLinear

LEVEL_OCTAVES = 3
"""Of the waves of a deviation's decimal logarithm; the longest has a period of eight decades."""


class PointNet(nn.Module):
    """Points of a shape -> its code, whatever their order (Qi et al., CVPR 2017)."""

    def __init__(self, settings: PointEncoder, dimensions: int) -> None:
        """Build the network; its weights come from torch's global random state."""
        super().__init__()
        self.points = nn.ModuleList(
            _Layer(before, after, settings.batch_norm)
            for before, after in _pairs((dimensions, *settings.widths))
        )
        self.head = nn.ModuleList(
            _Layer(before, after, settings.batch_norm)
            for before, after in _pairs((settings.widths[-1], *settings.head))
        )
        last = (*settings.widths, *settings.head)[-1]
        self.code = ExactLinear(last, settings.latent_size)

    def forward(self, points: Tensor) -> Tensor:
        """Encode points (B, P, D): (B, d)."""
        for layer in self.points:
            points = layer(points)
        values = points.amax(dim=1)
        for layer in self.head:
            values = layer(values)
        code: Tensor = self.code(values)
        return code


class Denoiser(nn.Module):
    """D(x, z, s): where a point of the shape with code z was before noise of deviation s."""

    blocks: Any  # torch's lists of modules do not say of which kind theirs are

    def __init__(self, settings: PointDenoiser, latent_size: int, dimensions: int) -> None:
        """Build the network; its weights come from torch's global random state.

        Args:
            settings: its size and how it knows the code.
            latent_size: d, numbers of a code.
            dimensions: D of the points, 2 or 3.
        """
        super().__init__()
        width, octaves = settings.width, settings.octaves
        self.settings = settings
        waves = 2 * octaves * dimensions + 1 + 2 * LEVEL_OCTAVES if octaves else 1
        entering = latent_size if settings.code_with_point else 0
        self.rise = ExactLinear(dimensions + waves + entering, width)
        block = _BLOCKS[settings.conditioning]
        context = latent_size
        if block is not _ScaleShiftBlock:  # that one sees the code alone
            context += 1 + (dimensions if settings.conditioned_by_point else 0)
        self.blocks = nn.ModuleList(
            block(width, context, settings.shortcuts) for _ in range(settings.blocks)
        )
        self.fall = ExactLinear(width, dimensions)
        nn.init.zeros_(self.fall.weight)
        nn.init.zeros_(self.fall.bias)

    def forward(self, noisy: Tensor, codes: Tensor, sigma: Tensor) -> Tensor:
        """Denoise points.

        Args:
            noisy: x, (B, P, D).
            codes: z, (B, d).
            sigma: s > 0, (B, P).

        Returns:
            (B, P, D).
        """
        sigma = sigma.unsqueeze(-1)
        shared = codes.unsqueeze(1).expand(-1, noisy.shape[1], -1)
        entering = self._embedded(noisy, sigma)
        if self.settings.code_with_point:
            entering = torch.cat([entering, shared], dim=-1)
        vectors = self.rise(entering)
        if self.settings.conditioning == "scale_shift":
            context = codes.unsqueeze(1)
        else:
            seen = [noisy] if self.settings.conditioned_by_point else []
            context = torch.cat([*seen, shared, sigma], dim=-1)
        for block in self.blocks:
            vectors = block(vectors, context)
        displacement = self.fall(functional.silu(vectors))
        denoised: Tensor = noisy + (sigma * displacement if self.settings.scaled else displacement)
        return denoised

    def _embedded(self, points: Tensor, sigma: Tensor) -> Tensor:
        if not self.settings.octaves:
            return torch.cat([points, sigma], dim=-1)
        level = sigma.log10()
        parts = [points, level]
        for values, octaves in ((points, self.settings.octaves), (level, LEVEL_OCTAVES)):
            scales = math.pi * 2.0 ** torch.arange(octaves, device=values.device)
            scales = scales if values is points else scales / 4
            angles = (values.unsqueeze(-1) * scales).flatten(-2)
            parts += [angles.sin(), angles.cos()]
        return torch.cat(parts, dim=-1)


class GradientField(nn.Module):
    """Encoder and denoiser together: what the first stage trains.

    Attributes:
        encoder: points -> code.
        denoiser: D.
        dimensions: D of the points.
    """

    def __init__(self, encoder: PointEncoder, denoiser: PointDenoiser, dimensions: int) -> None:
        """Build both; their weights come from torch's global random state."""
        super().__init__()
        self.encoder = PointNet(encoder, dimensions)
        self.denoiser = Denoiser(denoiser, encoder.latent_size, dimensions)
        self.dimensions = dimensions

    def forward(self, encoded: Tensor, noisy: Tensor, sigma: Tensor) -> Tensor:
        """Denoise points (B, P, D) of the shapes that have the points `encoded` (B, E, D)."""
        denoised: Tensor = self.denoiser(noisy, self.encoder(encoded), sigma)
        return denoised

    def matrices(self) -> list[Tensor]:
        """Weights within layers, which Muon may have: not of what goes in or comes out."""
        inner = [*self.encoder.points[1:], *self.encoder.head]
        return [
            *(layer.affine.weight for layer in inner),
            *(weight for block in self.denoiser.blocks for weight in block.matrices()),
        ]


class _Layer(nn.Module):
    """An affine map, perhaps batch norm, a ReLU."""

    def __init__(self, before: int, after: int, batch_norm: bool) -> None:
        super().__init__()
        self.affine = nn.Linear(before, after)
        self.norm = _BatchNorm(after) if batch_norm else nn.Identity()

    def forward(self, values: Tensor) -> Tensor:
        return functional.relu(self.norm(self.affine(values)))


class _BatchNorm(nn.BatchNorm1d):
    """Over all axes but the last."""

    def forward(self, values: Tensor) -> Tensor:
        return super().forward(values.reshape(-1, values.shape[-1])).view(values.shape)


class _Block(nn.Module):
    """Two square maps, beside a shortcut if there is one; then the last map begins at 0."""

    maps: Any

    def __init__(self, width: int, context: int, shortcut: bool) -> None:
        del context  # of those that see one
        super().__init__()
        self.shortcut = shortcut
        self.maps = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        if shortcut:  # without one, nothing would ever pass
            nn.init.zeros_(self.maps[1].weight)
            nn.init.zeros_(self.maps[1].bias)

    def joined(self, values: Tensor, inner: Tensor) -> Tensor:
        """What comes in and what the maps have made of it."""
        return values + inner if self.shortcut else inner

    def matrices(self) -> list[Tensor]:
        """Of its maps."""
        return [each.weight for each in self.maps]


class _ScaleShiftBlock(_Block):
    """Layer norm, whose scale and shift the code decides."""

    def __init__(self, width: int, context: int, shortcut: bool) -> None:
        super().__init__(width, context, shortcut)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(context, 2 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def matrices(self) -> list[Tensor]:
        """Of its maps, and of what the code decides."""
        return [*super().matrices(), self.modulation.weight]

    def forward(self, values: Tensor, context: Tensor) -> Tensor:
        scale, shift = self.modulation(context).chunk(2, dim=-1)
        inner = functional.silu(torch.addcmul(shift, self.norm(values), 1 + scale))
        return self.joined(values, self.maps[1](functional.silu(self.maps[0](inner))))


class _PlainBlock(_Block):
    """Batch norm that knows of nothing."""

    def __init__(self, width: int, context: int, shortcut: bool) -> None:
        super().__init__(width, context, shortcut)
        self.norms = nn.ModuleList(_BatchNorm(width) for _ in range(2))

    def forward(self, values: Tensor, context: Tensor) -> Tensor:
        inner = values
        for norm, affine in zip(self.norms, self.maps, strict=True):
            inner = affine(functional.relu(norm(inner)))
        return self.joined(values, inner)


class _AddBlock(_PlainBlock):
    """Batch norm; an affine map of point, code and deviation is added."""

    def __init__(self, width: int, context: int, shortcut: bool) -> None:
        super().__init__(width, context, shortcut)
        self.shift = nn.Linear(context, width)

    def forward(self, values: Tensor, context: Tensor) -> Tensor:
        shifted: Tensor = super().forward(values, context) + self.shift(context)
        return shifted


class _BatchNormBlock(_Block):
    """Batch norm, whose scale and shift are affine in point, code and deviation."""

    modulations: Any

    def __init__(self, width: int, context: int, shortcut: bool) -> None:
        super().__init__(width, context, shortcut)
        self.norms = nn.ModuleList(_BatchNorm(width, affine=False) for _ in range(2))
        self.modulations = nn.ModuleList(nn.Linear(context, 2 * width) for _ in range(2))
        for modulation in self.modulations:
            nn.init.zeros_(modulation.weight)
            nn.init.zeros_(modulation.bias)

    def forward(self, values: Tensor, context: Tensor) -> Tensor:
        inner = values
        for norm, modulation, affine in zip(self.norms, self.modulations, self.maps, strict=True):
            scale, shift = modulation(context).chunk(2, dim=-1)
            inner = affine(functional.relu(torch.addcmul(shift, norm(inner), 1 + scale)))
        return self.joined(values, inner)


_BLOCKS: dict[str, type[_Block]] = {
    "scale_shift": _ScaleShiftBlock,
    "add": _AddBlock,
    "batch_norm": _BatchNormBlock,
    "none": _PlainBlock,
}


def _pairs(widths: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(widths[:-1], widths[1:], strict=True))
