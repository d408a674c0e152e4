"""Clouds of points in PointFlow's layout become prepared shapes: points, and their outer sheets.

Yang et al., PointFlow, ICCV 2019: 15,000 points of a shape, of which the first 10,000 are learned
from and the last 5,000 are measured by. Nobody knows the solid; what stands for it is the outer
sheet of all points (`generators.gradient_fields.outer_sheet`).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.files import write_atomically
from toposhape.generators.gradient_fields.outer_sheet import bare_share, outer_sheet
from toposhape.settings.shapes import CLOUD_POINTS, LEARNED_SHARE
from toposhape.shapes.batch_writing import Preparation, write_batch
from toposhape.shapes.normalisation import (
    Transform,
    Up,
    normalising_transform,
    turn_upright,
)
from toposhape.shapes.point_clouds import CloudRejected, check_extents, read_cloud
from toposhape.shapes.requests import UNUSABLE, UNUSABLE_REASON, ShapeRequest
from toposhape.shapes.signature import geometry_signature

LEAST_DISTINCT = 0.5
"""Share of a cloud's points that must be different ones: a sheet of fewer leaks."""
USUAL_SIZES = (0.1, 10.0)
"""A cloud's size over the median one of its category, beyond which it is in other units: it would
decide about the frame of all others."""
LEAST_SIZE = 0.05
"""Of a cloud in its category's frame: of a smaller one hardly anything is left on a grid."""


class CloudRecipe(NamedTuple):
    """How every cloud of a batch is prepared."""

    resolution: int
    """R of the grids."""
    offset: float
    """Of the outer sheet [normalised units]."""
    neighbours: int
    """Of the outer sheet."""
    up: Up
    seed: int
    frame: Transform | None
    """Of the whole category; None: each shape has its own."""


class PreparedCloud(NamedTuple):
    """A cloud that was accepted."""

    facts: dict[str, Any]
    """Its part of the manifest's line."""
    grid: NDArray[np.float32]
    """Signed distance of the outer sheet, (R, R, R)."""
    surface: NDArray[np.float32]
    """The points, (15000, 3)."""


def prepare_cloud_batch(
    requests: Sequence[ShapeRequest],
    folder: str | Path,
    recipe: CloudRecipe,
    *,
    seconds: float,
    workers: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """Write grid.npy, surface.npy, manifest.csv and their checksums into a folder.

    Args:
        requests: the clouds, in the order of the manifest.
        folder: is made if it is not there; its name is the batch's.
        recipe: of each cloud.
        seconds: a cloud that takes longer is rejected.
        workers: processes.
        progress: whether to show a progress bar.

    Returns:
        The manifest: a cloud that cannot be used is a line with the reason.

    Raises:
        OSError, FolderInUseError: as `write_batch` does.
    """
    rows = {"grid": (recipe.resolution,) * 3, "surface": (CLOUD_POINTS, 3)}
    preparation = Preparation(prepare_cloud, recipe, rows)
    return write_batch(
        requests, folder, preparation, seconds=seconds, workers=workers, progress=progress
    )


def prepare_cloud(task: tuple[ShapeRequest, CloudRecipe]) -> PreparedCloud:
    """Prepare one cloud.

    Raises:
        ValueError: with the reason, if it cannot be used.
    """
    request, recipe = task
    points = read_points(request, recipe.up)
    transform = recipe.frame or normalising_transform(points)
    normalised = transform.apply(points)
    _require_usual_size(normalised)
    field = outer_sheet(normalised, recipe.resolution, recipe.offset, recipe.neighbours)
    if not (field < 0).any():
        raise CloudRejected(f"no grid vertex is inside its outer sheet of {recipe.offset:g}")
    step = 2 / (recipe.resolution - 1)
    bare = bare_share(normalised, field, 2 * max(recipe.offset, step))
    random = np.random.default_rng([recipe.seed, *request.shape.encode()])
    return PreparedCloud(
        {
            "scale": transform.scale,
            **dict(zip(("offset_x", "offset_y", "offset_z"), transform.offset, strict=True)),
            "up": recipe.up,
            "geometry_hash": geometry_signature(field),
            "inside_share": round(1 - bare, 4),
        },
        field,
        _in_random_order(normalised, random).astype(np.float32),
    )


def write_frame(requests: Iterable[ShapeRequest], up: Up, path: Path) -> None:
    """Write the frame of a category as JSON: the ball around the box of all clouds of usual size.

    Args:
        requests: all clouds; those that cannot be read do not count.
        up: their upward axis.
        path: to write: scale and offset of `Transform`.

    Raises:
        ValueError: if no cloud can be read.
    """
    boxes = []
    for request in requests:
        try:
            points = read_points(request, up)
        except CloudRejected:
            continue  # its batch's manifest says why
        boxes.append((points.min(axis=0), points.max(axis=0)))
    if not boxes:
        raise ValueError("no cloud of the category can be read: the manifests say why")
    corners = np.array(boxes)
    sizes = np.ptp(corners, axis=1).max(axis=1)
    least, most = (factor * np.median(sizes) for factor in USUAL_SIZES)
    usual = corners[(sizes >= least) & (sizes <= most)]
    frame = normalising_transform(np.stack([usual[:, 0].min(axis=0), usual[:, 1].max(axis=0)]))
    content = {"scale": frame.scale, "offset": frame.offset.tolist()}
    write_atomically(path, (json.dumps(content) + "\n").encode())


def read_frame(path: str | Path) -> Transform:
    """What `write_frame` wrote."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    return Transform(content["scale"], np.array(content["offset"]))


def read_points(request: ShapeRequest, up: Up) -> NDArray[np.float64]:
    """The points (15000, 3) of a file, upright, in its own units.

    Raises:
        CloudRejected: with the reason.
    """
    if request.source.startswith(UNUSABLE):
        raise CloudRejected(UNUSABLE_REASON)
    cloud = read_cloud(request.source)
    if cloud.normals is not None or len(cloud.points) != CLOUD_POINTS:
        columns = 3 if cloud.normals is None else 6
        raise CloudRejected(
            f"an array of shape ({len(cloud.points)}, {columns}); PointFlow's have "
            f"({CLOUD_POINTS}, 3)"
        )
    finite = int(np.isfinite(cloud.points).all(axis=1).sum())
    if finite < CLOUD_POINTS:
        raise CloudRejected(f"{CLOUD_POINTS - finite} of {CLOUD_POINTS} points are not finite")
    check_extents(cloud.points)
    points = turn_upright(cloud.points, up)
    distinct = len(np.unique(points, axis=0))
    if distinct < LEAST_DISTINCT * CLOUD_POINTS:
        raise CloudRejected(f"copies: {distinct} of {CLOUD_POINTS} points are different ones")
    return points


def _require_usual_size(normalised: NDArray[np.float64]) -> None:
    """Refuse a cloud that its category's frame has no place for; in its own frame each fits."""
    radius = np.linalg.norm(normalised, axis=1).max()
    size = np.ptp(normalised, axis=0).max()
    if radius > 1:
        raise CloudRejected(f"huge: reaches {radius:.1f} times as far as its category's frame")
    if size < LEAST_SIZE:
        raise CloudRejected(f"tiny: {size:.1g} wide in its category's frame of 2")


def _in_random_order(
    points: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Those to learn from and those to measure by stay apart, whatever the file's order was."""
    parts = np.split(points, [round(LEARNED_SHARE * len(points))])
    return np.concatenate([random.permutation(part) for part in parts])
