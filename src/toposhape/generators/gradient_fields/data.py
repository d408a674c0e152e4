"""What gradient fields are learned from: clouds of points on shapes, of two or three dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.learning.identity import content_digest
from toposhape.settings.gradient_fields import GradientFieldTraining
from toposhape.settings.shapes import LEARNED_SHARE

from ..batch import Batch
from ..implicit.samples import Rows

LARGEST = 2.0  # a coordinate beyond it is of no normalised shape


@dataclass(frozen=True)
class ScoreBatch(Batch):
    """What chance decides for some shapes.

    Attributes:
        encoded: points that they are encoded from, (B, E, D).
        points: other points of theirs, (B, P, D).
        noise: standard normal, (B, P, D).
        sigma: its deviations, (B, P).
    """

    encoded: Tensor
    points: Tensor
    noise: Tensor
    sigma: Tensor


class CloudSource:
    """Clouds of an ordered list of shapes, their points in random order.

    The first two thirds are for learning and encoding, the last third for measuring.

    Attributes:
        shapes: ids.
        dimensions: D of the points.
    """

    def __init__(
        self, clouds: Rows | Mapping[str, NDArray[np.float32]], shapes: Sequence[str]
    ) -> None:
        """Look every cloud up, so that a missing or broken one is named at once.

        Args:
            clouds: (P, D) by shape.
            shapes: ids.

        Raises:
            KeyError: if a shape has no cloud.
            ValueError: if a cloud is empty, of another form or dimension than the first, not
                finite, or not normalised.
        """
        self.shapes = tuple(shapes)
        self._clouds = [clouds[shape] for shape in shapes]
        self.dimensions = self._clouds[0].shape[-1] if self._clouds else 3
        for shape, cloud in zip(shapes, self._clouds, strict=True):
            _require_cloud(shape, cloud, self.dimensions)

    def __len__(self) -> int:
        return len(self.shapes)

    def digests(self) -> list[str]:
        """The content of each cloud."""
        return [content_digest(cloud) for cloud in self._clouds]

    def draw(
        self, places: Sequence[int], training: GradientFieldTraining, generator: torch.Generator
    ) -> ScoreBatch:
        """Draw points, noise and its levels for the shapes at these places of the list.

        Raises:
            ValueError: if a cloud has fewer points to learn from than a step takes.
        """
        counts = training.encoded_points, training.points
        encoded, points = self.windows(places, sum(counts), generator).split(counts, dim=1)
        noise = torch.randn(points.shape, generator=generator)
        return ScoreBatch(encoded, points, noise, _levels(points.shape[:2], training, generator))

    def windows(self, places: Sequence[int], count: int, generator: torch.Generator) -> Tensor:
        """Points to learn from, (B, count, D): a random window of each cloud."""
        rows = []
        for place in places:
            cloud = self._learned(place, count)
            start = int(torch.randint(len(cloud) - count + 1, (), generator=generator))
            rows.append(cloud[start : start + count])
        return torch.from_numpy(np.stack(rows))

    def measured(self, place: int, count: int, which: int = 0) -> NDArray[np.float32]:
        """Points (count, D) that nothing was learned from; `which`: others.

        Raises:
            ValueError: if there are not so many.
        """
        first = round(LEARNED_SHARE * len(self._clouds[place])) + which * count
        found = self._clouds[place][first : first + count]
        if len(found) < count:
            raise ValueError(
                f"cloud {self.shapes[place]!r} has {len(self._clouds[place])} points, too few for "
                f"{which + 1} x {count} of its last third: prepare more (shapes.surface_points)"
            )
        return np.array(found, np.float32)

    def _learned(self, place: int, count: int) -> NDArray[np.float32]:
        cloud = self._clouds[place]
        kept = cloud[: round(LEARNED_SHARE * len(cloud))]
        if len(kept) < count:
            raise ValueError(
                f"cloud {self.shapes[place]!r} has {len(cloud)} points, of which {len(kept)} are "
                f"to be learned from, and a step takes {count}: prepare more (shapes."
                "surface_points) or lower gradient_fields.training.points and encoded_points"
            )
        return kept


class CloudSources(NamedTuple):
    """What is learned from, and what is only watched."""

    training: CloudSource
    validation: CloudSource


def _levels(
    form: torch.Size, training: GradientFieldTraining, generator: torch.Generator
) -> Tensor:
    """Deviations (B, P): log-uniform, or one of equally many geometric steps."""
    drawn = form if training.levels_per == "point" else (form[0], 1)
    place = torch.rand(drawn, generator=generator)
    if training.levels is not None:
        place = (place * training.levels).floor() / (training.levels - 1)
    ratio = training.least_noise / training.most_noise
    return (training.most_noise * ratio**place).expand(form).contiguous()


def _require_cloud(shape: str, cloud: NDArray[np.floating], dimensions: int) -> None:
    if cloud.ndim != 2 or 0 in cloud.shape or cloud.shape[1] != dimensions:
        raise ValueError(f"cloud {shape!r} has the form {cloud.shape}, not (P, {dimensions})")
    largest = np.abs(cloud).max(axis=1)  # NaN stays NaN
    if not (good := largest <= LARGEST).all():
        row = int(np.argmin(good))
        raise ValueError(
            f"cloud {shape!r}: point {row} is {cloud[row].tolist()}; finite coordinates up to "
            f"{LARGEST:g} are needed: normalise the shape"
        )
