"""What vector sets are learned from: surface points, and points that lie inside or outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from toposhape.learning.identity import content_digest
from toposhape.settings.vector_sets import SetAutoencoderTraining

from ..batch import Batch
from ..implicit.samples import Rows, SampleSource


@dataclass(frozen=True)
class OccupancyBatch(Batch):
    """Points of some shapes.

    Attributes:
        surface: (B, S, 3) on the surface.
        points: (B, V + N, 3): V uniform in the volume, then N near the surface.
        inside: (B, V + N) float32, 1 inside and 0 outside.
        noise: of the latents, (B, M, C); zeros (B, 1, 1) for their means.
    """

    surface: Tensor
    points: Tensor
    inside: Tensor
    noise: Tensor


class OccupancySource:
    """Surfaces, grids and signed-distance samples of an ordered list of shapes.

    Points near the surface come from the samples, half of them inside; points uniform in the
    volume are vertices of the grid. Of samples and
    surfaces only what is drawn is read.
    """

    def __init__(self, samples: Rows, grids: Rows, surfaces: Rows, shapes: Sequence[str]) -> None:
        """Look every shape up, so that a missing one is named at once.

        Args:
            samples: (2, m/2, 4) by shape.
            grids: signed distance (R, R, R) by shape.
            surfaces: (P, 3) by shape, in random order.
            shapes: ids.

        Raises:
            KeyError: if something of a shape is missing.
            ValueError: if a row has another form than that.
        """
        self.shapes = tuple(shapes)
        self._near = SampleSource(samples, shapes)
        self._surfaces = [surfaces[shape] for shape in shapes]
        self._inside = []  # a bit for each vertex: pages of a file are slow to read at random
        for shape, surface in zip(shapes, self._surfaces, strict=True):
            grid = grids[shape]
            if grid.ndim != 3 or len(set(grid.shape)) > 1 or surface.shape[1:] != (3,):
                raise ValueError(
                    f"grid and surface of {shape!r} have the forms {grid.shape} and "
                    f"{surface.shape}, not (R, R, R) and (P, 3): prepare the shapes again"
                )
            self._resolution = len(grid)
            self._inside.append(np.packbits(grid.reshape(-1) < 0))

    def __len__(self) -> int:
        return len(self.shapes)

    def digests(self) -> list[list[str]]:
        """The content of all that is drawn of each shape: samples, surface, signs on the grid."""
        signs = [content_digest(self._resolution, inside) for inside in self._inside]
        return [self._near.digests(), self.surface_digests(), signs]

    def surface_digests(self) -> list[str]:
        """The content of each shape's surface points."""
        return [content_digest(surface) for surface in self._surfaces]

    def draw(
        self,
        indices: Sequence[int],
        settings: SetAutoencoderTraining,
        generator: torch.Generator,
    ) -> OccupancyBatch:
        """Draw a batch of the shapes at these places of the list, without noise."""
        surface = self.draw_surface(indices, settings.surface_points, generator)
        volume, in_volume = self.draw_volume(indices, settings.volume_points, generator)
        near, distances = self._near.draw(indices, settings.near_points, generator)
        points = torch.cat([volume, near], dim=1)
        inside = torch.cat([in_volume, (distances < 0).float()], dim=1)
        return OccupancyBatch(surface, points, inside, torch.zeros(len(indices), 1, 1))

    def draw_surface(
        self,
        indices: Sequence[int],
        count: int,
        generator: torch.Generator,
        device: torch.device | str = "cpu",
    ) -> Tensor:
        """Surface points (B, count, 3): a random window of each row.

        Raises:
            ValueError: if more are asked for than there are.
        """
        rows = []
        for surface in (self._surfaces[index] for index in indices):
            places = len(surface) - count + 1
            if places < 1:
                raise ValueError(f"{count} surface points are asked for, {len(surface)} prepared")
            start = int(torch.randint(places, (), generator=generator))
            rows.append(surface[start : start + count])
        return torch.from_numpy(np.stack(rows)).to(device)

    def draw_volume(
        self,
        indices: Sequence[int],
        count: int,
        generator: torch.Generator,
        device: torch.device | str = "cpu",
    ) -> tuple[Tensor, Tensor]:
        """Random vertices of the grid (B, count, 3), and 1 for each that lies inside, else 0."""
        points, inside = [], []
        form = (self._resolution,) * 3
        for index in indices:
            chosen = torch.randint(self._resolution**3, (count,), generator=generator).numpy()
            places = np.stack(np.unravel_index(chosen, form), axis=-1)
            points.append((2 * places / (self._resolution - 1) - 1).astype(np.float32))
            bits = self._inside[index][chosen // 8] >> (7 - chosen % 8) & 1
            inside.append(bits.astype(np.float32))
        return (
            torch.from_numpy(np.stack(points)).to(device),
            torch.from_numpy(np.stack(inside)).to(device),
        )


class ShapeSources(NamedTuple):
    """What is learned from, and what is only watched."""

    training: OccupancySource
    validation: OccupancySource
