"""The diagram generator PD_k(z): a PointNet (Qi et al., CVPR 2017) that decodes (reading 7)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from toposhape.settings.diagrams import DiagramNetwork

LEAK = 0.1  # share of the gradient that a point on the diagonal keeps (straight_through)
SLIGHT = (
    0.1  # share of the usual initial weights in the last layer: points start where they are put
)
SOFTPLUS_SHARPNESS = 100.0


class PointDecoder(nn.Module):
    """PN_k(z): a fixed number of points in the plane, before rectification.

    Each point has a learned embedding and a learned place. The embedding is joined with z and goes
    through a shared network; the largest features over all points are joined again, so that points
    know of each other; a second shared network gives the displacement from the place.
    """

    def __init__(self, count: int, latent_size: int, settings: DiagramNetwork) -> None:
        super().__init__()
        size, width = settings.embedding_size, settings.width
        self.embeddings = nn.Parameter(torch.randn(count, size))
        self.places = nn.Parameter(torch.zeros(count, 2))
        self.local = nn.Sequential(
            nn.Linear(size + latent_size, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.joined = nn.Sequential(
            nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.displacement = nn.Linear(width, 2)
        with torch.no_grad():
            self.displacement.weight *= SLIGHT
            self.displacement.bias.zero_()

    def forward(self, codes: Tensor) -> Tensor:
        """Points (B, n, 2), as (death, birth - death before rectification), of codes (B, d)."""
        count = len(self.embeddings)
        if count == 0:
            return codes.new_zeros(len(codes), 0, 2)
        embedded = self.embeddings.expand(len(codes), -1, -1)
        inputs = torch.cat([embedded, codes[:, None].expand(-1, count, -1)], dim=2)
        features = self.local(inputs)
        largest = features.amax(dim=1, keepdim=True).expand_as(features)
        points: Tensor = self.places + self.displacement(
            self.joined(torch.cat([features, largest], dim=2))
        )
        return points


class DiagramGenerator(nn.Module):
    """PD_k(z) = R(PN_k(z)) for k = 0, 1, 2, with R(x, y) = (x, x + rectified y).

    A point that R puts on the diagonal is none: so diagrams of all sizes up to n_k are generated.

    Attributes:
        sizes: n_0, n_1, n_2.
        latent_size: d.
    """

    degrees: Any  # three `PointDecoder`; torch's lists of modules do not say so

    def __init__(self, sizes: Sequence[int], latent_size: int, settings: DiagramNetwork) -> None:
        """Build the network; its weights come from torch's global random state."""
        super().__init__()
        self.sizes = tuple(sizes)
        self.latent_size = latent_size
        self.settings = settings
        self.degrees = nn.ModuleList(PointDecoder(n, latent_size, settings) for n in self.sizes)

    def forward(self, codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Points (B, n_k, 2) of (death, birth), death <= birth, for codes (B, d)."""
        first, second, third = (self._rectify(decoder(codes)) for decoder in self.degrees)
        return first, second, third

    def _rectify(self, points: Tensor) -> Tensor:
        death, height = points.unbind(dim=2)
        kind = self.settings.rectifier
        if kind == "softplus":
            height = functional.softplus(height, SOFTPLUS_SHARPNESS)
        elif kind == "relu":
            height = functional.relu(height)
        else:
            leaking = functional.leaky_relu(height, LEAK)
            height = leaking + (functional.relu(height) - leaking).detach()
        return torch.stack([death, death + height], dim=2)

    @torch.no_grad()
    def place(
        self, diagrams: Sequence[Sequence[NDArray[np.floating]]], generator: torch.Generator
    ) -> None:
        """Let points start at points of given diagrams, drawn at random: then all are alive.

        Args:
            diagrams: for each shape the (m_k, 2) points of every degree.
            generator: of the draw, on the CPU.
        """
        for degree, decoder in enumerate(self.degrees):
            places: Tensor = decoder.places
            pooled = np.concatenate([np.asarray(points[degree]) for points in diagrams])
            if len(pooled) and len(places):
                chosen = torch.randint(len(pooled), (len(places),), generator=generator)
                death, birth = torch.from_numpy(pooled.astype(np.float32))[chosen].unbind(dim=1)
                places.copy_(torch.stack([death, birth - death], dim=1))


@torch.no_grad()
def generated_diagrams(
    generator: DiagramGenerator, codes: Tensor, min_persistence: float
) -> list[tuple[NDArray[np.float32], ...]]:
    """The diagrams of codes (B, d): for each the (n, 2) points of every degree that persist.

    Args:
        generator: PD.
        codes: (B, d).
        min_persistence: points with birth - death below this are left out.
    """
    arrays = [points.cpu().numpy() for points in generator(codes)]
    persists = [points[..., 1] - points[..., 0] >= max(min_persistence, 1e-12) for points in arrays]
    return [
        tuple(points[i][alive[i]] for points, alive in zip(arrays, persists, strict=True))
        for i in range(len(codes))
    ]
