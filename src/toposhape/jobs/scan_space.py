"""A shape space of scans: learning it, new scans in it, scores, and ways between codes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.implicit.fields import evaluate_on_grid
from toposhape.generators.scans.draws import ScanPoints
from toposhape.generators.scans.extraction import TOLERANCE, closed_surface
from toposhape.generators.scans.shape_space import find_codes, learn_space, load_space, tune
from toposhape.publication.pictures.grid import picture_grid
from toposhape.publication.pictures.pictures import picture
from toposhape.publication.pictures.pieces import Mesh
from toposhape.publication.pictures.scans import picture_of_points
from toposhape.settings.scans import CloudReading, ScanSpace
from toposhape.shapes.scan_requests import ScanRequest
from toposhape.shapes.scans import Scan, require_normals
from toposhape.shapes.surfaces import Surface

from .scans import ready_scan
from .surfaces import surface_scores

FRAMES = 7
"""Of a way between two codes."""
SHOWN = 6
"""New scans in the figure."""
WAYS = 2
KINDS = ("training scan", "new scan, code", "new scan, tuned")


def space_scans(settings: ScanSpace, seed: int, *, new: bool) -> list[Scan]:
    """The virtual scans of a space: those that it is learned from, or new ones.

    Args:
        settings: of the space.
        seed: of the run.
        new: whether the new ones are wanted.
    """
    count = settings.new_scans if new else settings.training_scans
    first = settings.scan.index + (settings.training_scans if new else 0)
    made = []
    for index in range(first, first + count):
        virtual = settings.scan.model_copy(update={"index": index})
        request = ScanRequest(f"{virtual.furniture}{index}", None, None)
        made.append(ready_scan(request, virtual, CloudReading(), seed))
    return made


def train_scan_space(settings: ScanSpace, seed: tuple[int, int], **files: Any) -> None:
    """Scan, and learn the space.

    Args:
        settings: of the space.
        seed: of the run, and of this training.
        files: what `toposhape.generators.scans.shape_space.learn_space` writes, and its device.
    """
    learn_space(_points_of(space_scans(settings, seed[0], new=False), settings), settings,
                seed=seed, **files)  # fmt: skip


def score_scan_space(
    weights: Path, settings: ScanSpace, seed: tuple[int, int], samples: int, files: tuple[Path, ...]
) -> None:
    """Find new scans in a space, and write how far its surfaces are from truths and scans.

    Args:
        weights: of the space.
        settings: of the space.
        seed: of the run, and of its training.
        samples: points that are drawn on each mesh.
        files: to write: a CSV file with a line for each scan and kind of `KINDS`, and an npz file
            with the fields of the new scans, `code` and `tuned` (n, R, R, R), and of the ways
            between the first of them, `ways` (w, f, R, R, R).
    """
    learned = load_space(weights)
    network, size = learned.network, settings.field_resolution
    old = space_scans(settings, seed[0], new=False)[: settings.new_scans]
    new = space_scans(settings, seed[0], new=True)
    points = _points_of(new, settings)
    codes = find_codes(network, points, settings, seed)
    tuned = []
    for cloud, code in zip(points, codes, strict=True):
        own = tune(network, cloud, code, settings, seed)
        tuned.append(_fields(own.network, own.codes, size)[0])
    fields: dict[str, Any] = {"code": _fields(network, codes, size), "tuned": np.stack(tuned)}
    lines = []
    known = _fields(network, learned.codes[: len(old)], size)
    for kind, scans, made in zip(KINDS, (old, new, new), (known, *fields.values()), strict=True):
        for number, (scan, field) in enumerate(zip(scans, made, strict=True)):
            found = surface_scores(Surface(*closed_surface(field)), scan, samples)
            lines.append({"kind": kind, "scan": number, "seed": seed[1], **found})
    ends = [(codes[2 * i], codes[2 * i + 1]) for i in range(min(WAYS, len(new) // 2))]
    shares = torch.linspace(0, 1, FRAMES)[:, None]
    ways = [_fields(network, (1 - shares) * a + shares * b, size) for a, b in ends]
    with whole(files[0]) as file:
        pd.DataFrame(lines).to_csv(file, index=False)
    with whole(files[1]) as file, file.open("wb") as stream:
        np.savez(stream, ways=np.stack(ways), **fields)


def draw_space_sheet(
    fields: Path, settings: ScanSpace, seed: int, pixels: int
) -> NDArray[np.uint8]:
    """New scans: points, truth, surface of the code, surface after tuning.

    Args:
        fields: npz file of `score_scan_space`.
        settings: of the space.
        seed: of the run.
        pixels: width and height of a picture.
    """
    scans = space_scans(settings, seed, new=True)[:SHOWN]
    with np.load(fields) as arrays:
        rows = [
            [picture_of_points(scan.points, pixels) for scan in scans],
            [picture(_true_mesh(scan), pixels) for scan in scans],
            *([_portrait(field, pixels) for field in arrays[kind][: len(scans)]]
              for kind in ("code", "tuned")),
        ]  # fmt: skip
    labels = ["scan", "truth", "code alone", "code, then tuned"]
    tiles = [tile for row in rows for tile in row]
    return picture_grid(tiles, len(rows), len(scans), labels, font_size=pixels // 14)


def draw_ways_sheet(fields: Path, pixels: int) -> NDArray[np.uint8]:
    """Surfaces on the ways between the codes of new scans; arguments as above."""
    with np.load(fields) as arrays:
        ways = arrays["ways"]
    tiles = [_portrait(field, pixels) for way in ways for field in way]
    return picture_grid(tiles, *ways.shape[:2])


def _points_of(scans: Sequence[Scan], settings: ScanSpace) -> list[ScanPoints]:
    name = settings.scan.furniture
    return [
        ScanPoints(scan.points, require_normals(scan, name, "space"), settings) for scan in scans
    ]


def _fields(network: ImplicitDecoder, codes: torch.Tensor, size: int) -> NDArray[np.float32]:
    return evaluate_on_grid(network.eval(), codes, size, tolerance=TOLERANCE)


def _true_mesh(scan: Scan) -> Mesh:
    assert scan.truth_vertices is not None and scan.truth_faces is not None  # scans are virtual
    return Mesh(scan.truth_vertices, scan.truth_faces)


def _portrait(field: NDArray[np.float32], pixels: int) -> NDArray[np.uint8]:
    return picture(Mesh(*closed_surface(field)), pixels)
