"""The points of a step: some of the scan, and some around it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.learning.identity import content_digest
from toposhape.settings.scans import PointFitting
from toposhape.shapes.neighbours import neighbour_distances


class SurfaceDraw(NamedTuple):
    """What a step learns from; B is 1 but in shape spaces.

    Attributes:
        surface: (B, P, 3) points of the scan.
        normals: (B, P, 3) at them; None if the scan has none or they are not used.
        around: (B, Q, 3) points of D in (2).
        in_box: how many of them, the last ones, are drawn from the box.
    """

    surface: Tensor
    normals: Tensor | None
    around: Tensor
    in_box: int = 0

    def on(self, device: torch.device) -> "SurfaceDraw":
        """On a device."""
        normals = None if self.normals is None else self.normals.to(device)
        around = self.around.to(device)
        return SurfaceDraw(self.surface.to(device), normals, around, self.in_box)


def together(draws: Sequence[SurfaceDraw]) -> SurfaceDraw:
    """One draw of several scans that all have normals, or all have none."""
    normals = [each.normals for each in draws if each.normals is not None]
    return SurfaceDraw(
        torch.cat([each.surface for each in draws]),
        torch.cat(normals) if normals else None,
        torch.cat([each.around for each in draws]),
        draws[0].in_box,
    )


class ScanPoints:
    """A scan, and how wide D is around each of its points."""

    def __init__(
        self,
        points: NDArray[np.float32],
        normals: NDArray[np.float32] | None,
        settings: PointFitting,
    ) -> None:
        """Measure the distances to the k-th neighbours.

        Args:
            points: (n, 3), in the shape frame.
            normals: (n, 3) unit vectors, or None.
            settings: whose neighbours, box and shares are taken.
        """
        self.settings = settings
        self._points = torch.from_numpy(points)
        self._normals = None if normals is None else torch.from_numpy(normals)
        widths = neighbour_distances(points.astype(np.float64), settings.neighbours)
        self._widths = torch.from_numpy(widths.astype(np.float32))

    def digest(self) -> str:
        """Names the points and normals."""
        normals = () if self._normals is None else (self._normals.numpy(),)
        return content_digest(self._points.numpy(), *normals)

    def draw(self, generator: torch.Generator) -> SurfaceDraw:
        """Draw the points of a step."""
        count = self.settings.points_per_step
        rows = torch.randint(len(self._points), (count,), generator=generator)
        normals = None if self._normals is None else self._normals[rows][None]
        around_it = max(1, round(self.settings.points_around * count))
        in_box = round(around_it * self.settings.uniform_share)
        near = torch.randint(len(self._points), (around_it - in_box,), generator=generator)
        noise = torch.randn(len(near), 3, generator=generator)
        local = self._points[near] + self._widths[near, None] * noise
        uniform = self.settings.box * (2 * torch.rand(in_box, 3, generator=generator) - 1)
        around = torch.cat([local, uniform])[None]
        return SurfaceDraw(self._points[rows][None], normals, around, in_box)
