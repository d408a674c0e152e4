"""What figures show of auto-encoded shapes: clouds, the way of points to them, shapes between."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.base.files import whole
from toposhape.generators.gradient_fields.data import CloudSource
from toposhape.generators.gradient_fields.generator import (
    GradientFieldGenerator,
    load_generator,
)
from toposhape.generators.gradient_fields.samplers import (
    Denoise,
    sample_points,
    start_points,
)
from toposhape.settings.gradient_fields import PointSampler
from toposhape.shapes.prepared import PreparedShapes

from .cloud_surfaces import marched_picture, sheet_picture

SHOWN_SHAPES = 6
PIXELS = 144  # of a surface: each has a ray, and each ray dozens of steps
SHOWN_STEPS = 3
SHOWN_WAYS = 3
FRAMES = 7  # of a way, both ends included


def write_shown(
    path: Path,
    generator: Path,
    source: CloudSource,
    surfaces: PreparedShapes,
    points: int,
    resolution: int,
    **loading: Any,
) -> None:
    """Write what figures show: test clouds, what becomes of them, their points' ways, ways between.

    Args:
        path: npz to write: test and encoded, (n, points, 3); marched and sheet, pictures of the
            encoded shapes' surfaces; between, (ways, FRAMES, points, 3); `<shape>|<level>`,
            (points, 3).
        generator: weights.
        source: test shapes.
        surfaces: their surface points.
        points: of a cloud.
        resolution: of outer sheets.
        loading: device and sampling, for the generator.
    """
    trained = load_generator(generator, **loading)
    device = next(trained.first.network.parameters()).device
    ids = source.shapes[:SHOWN_SHAPES]
    codes = [trained.encode(surfaces[shape]) for shape in ids]
    arrays: dict[str, Any] = {
        "test": np.stack([source.measured(place, points) for place in range(len(ids))]),
        "encoded": np.stack(
            [trained.cloud(code, points, shape) for code, shape in zip(codes, ids, strict=True)]
        ),
        "marched": np.stack([_marched(trained, code, device) for code in codes]),
        "sheet": np.stack(
            [
                _sheet(trained, code, shape, resolution)
                for code, shape in zip(codes, ids, strict=True)
            ]
        ),
        "between": np.stack(
            [
                [trained.cloud(code, points, "between") for code in straight_way(*ends, FRAMES)]
                for ends in list(pairwise(codes))[:SHOWN_WAYS]
            ]
        ),
    }
    for shape, code in list(zip(ids, codes, strict=True))[:SHOWN_STEPS]:
        steps = trajectory(trained.denoiser_of(code), (points, 3), trained.sampler, device)
        arrays |= {f"{shape}|{level}": places for level, places in steps.items()}
    with whole(path) as file, file.open("wb") as stream:
        np.savez(stream, **arrays)


def _marched(
    trained: GradientFieldGenerator, code: Tensor, device: torch.device
) -> NDArray[np.uint8]:
    return marched_picture(trained.denoiser_of(code), trained.sampler.least_noise, PIXELS, device)


def _sheet(
    trained: GradientFieldGenerator, code: Tensor, shape: str, resolution: int
) -> NDArray[np.uint8]:
    cloud = trained.cloud(code, trained.surface.points, shape)
    return sheet_picture(trained.sheet(cloud, resolution), PIXELS)


def straight_way(first: Tensor, last: Tensor, frames: int) -> Iterator[Tensor]:
    """Codes (d,) in equal steps from one to the other, both included."""
    for share in np.linspace(0, 1, frames):
        yield torch.lerp(first, last, float(share))


def trajectory(
    denoise: Denoise,
    form: tuple[int, int],
    sampler: PointSampler,
    device: torch.device | str = "cpu",
) -> dict[str, NDArray[np.float32]]:
    """Where points of one shape are, level after level.

    Args:
        denoise: of the shape.
        form: points, dimensions.
        sampler: its kind, levels and start.
        device: where the denoiser is.

    Returns:
        Points of that form, by the level of noise that they have.
    """
    random = torch.Generator().manual_seed(0)
    start = start_points(sampler, (1, *form), random).to(device)
    found = {"start": start[0].cpu().numpy()}

    def watch(level: float, points: Tensor) -> None:
        found[f"{level:.3g}"] = points[0].cpu().numpy()

    def noise() -> Tensor:
        return torch.randn(start.shape, generator=random).to(device)

    sample_points(denoise, start, sampler, noise, watch)
    return found
