"""All that chance decides in the steps of an epoch, drawn ahead of them.

Each epoch has one stream of random numbers, and the order in which it is read is part of what a
seed means. Reading it depends on no weights, so a background thread reads it and fetches the
samples that it chooses: no step waits for a disk.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from toposhape.learning.processes import Team
from toposhape.settings.implicit import ShapeTraining

from .samples import SampleSource


class StepDraw(NamedTuple):
    """What one step works on; of batch and synthetic shapes the share of this process.

    Attributes:
        shapes: of the whole batch.
        batch: places of the shapes, (b,) int64.
        points: (b, P, 3).
        distances: (b, P).
        noise: of the codes, (b, d).
        synthetic: codes (s, d) and points (s, Q, 3) for the regulariser (5), or None.
        fresh: further codes z ~ N(0, I).
    """

    shapes: int
    batch: Tensor
    points: Tensor
    distances: Tensor
    noise: Tensor
    synthetic: tuple[Tensor, Tensor] | None
    fresh: tuple[Tensor, ...]

    def pinned(self) -> "StepDraw":
        """In memory that a GPU reads by itself."""
        return StepDraw(*(_each(part, Tensor.pin_memory) for part in self))

    def on(self, device: torch.device) -> "StepDraw":
        """On the device; nobody waits for a copy from pinned memory."""
        return StepDraw(*(_each(part, lambda x: x.to(device, non_blocking=True)) for part in self))


class EpochDraws(NamedTuple):
    """What the steps of an epoch draw.

    Attributes:
        settings: sizes of batches.
        latent_size: d.
        regularised: whether the regulariser (5) is taken, in every so many steps.
        fresh: sizes of the sets of further codes.
        noise_first: whether a step draws the noise of its codes before its samples.
        team: whose shares there are.
    """

    settings: ShapeTraining
    latent_size: int
    regularised: bool = False
    fresh: tuple[int, ...] = ()
    noise_first: bool = False
    team: Team = Team()

    def steps(self, samples: SampleSource, generator: torch.Generator) -> Iterator[StepDraw]:
        """Every shape once, in random order."""
        settings, size = self.settings, self.latent_size
        order = torch.randperm(len(samples), generator=generator)
        for step, batch in enumerate(order.split(settings.shapes_per_batch)):
            mine = self.team.share(len(batch))
            noise = self._codes(len(batch), generator) if self.noise_first else None
            points, distances = samples.draw(
                batch.tolist(), settings.samples_per_shape, generator, share=mine
            )
            noise = self._codes(len(batch), generator) if noise is None else noise
            takes_part = self.regularised and step % settings.regularise_every == 0
            synthetic = self._synthetic(generator) if takes_part else None
            fresh = tuple(torch.randn(n, size, generator=generator) for n in self.fresh)
            yield StepDraw(
                len(batch), batch[mine], points, distances, noise[mine], synthetic, fresh
            )

    def _codes(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randn(count, self.latent_size, generator=generator)

    def _synthetic(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        shapes, count = self.settings.regularised_shapes, self.settings.regularised_points
        mine = self.team.share(shapes)
        codes = self._codes(shapes, generator)
        return codes[mine], (2 * torch.rand(shapes, count, 3, generator=generator) - 1)[mine]


def _each(part: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(part, tuple):
        return tuple(_each(item, change) for item in part)
    return change(part) if isinstance(part, Tensor) else part
