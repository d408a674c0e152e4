"""A batch of requested shapes becomes samples, grids, surfaces and a manifest."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from toposhape.base.checksums import write_checksums
from toposhape.base.locks import sole_writer
from toposhape.base.row_files import RowFile
from toposhape.settings.shapes import Shapes

from .fine_grids import fine_distance_grid
from .manifests import COLUMNS, write_manifest
from .mesh_topology import mesh_betti_numbers
from .meshes import Mesh, MeshRejected, clean_mesh, load_mesh
from .normalisation import Transform, Up, normalising_transform
from .requests import PROCEDURAL, UNUSABLE, ShapeRequest
from .sampling import sample_signed_distance, sample_surface
from .signature import geometry_signature
from .signed_distance import make_solid

_MOST_FACES = 50_000
"""Of a mesh that is asked for its Betti numbers: that takes a second or two."""
ARRAYS = ("samples", "grid", "surface")


class Recipe(NamedTuple):
    """How every shape of a batch is prepared."""

    shapes: Shapes
    up: Up
    seed: int


class Prepared(NamedTuple):
    """A shape that was accepted."""

    facts: dict[str, Any]
    """Its part of the manifest's line."""
    samples: NDArray[np.float32]
    """Shape (2, m / 2, 4)."""
    grid: NDArray[np.float32]
    """Shape (R, R, R)."""
    surface: NDArray[np.float32]
    """Shape (P, 3)."""


def prepare_batch(
    requests: Sequence[ShapeRequest],
    folder: str | Path,
    shapes: Shapes,
    *,
    up: Up = "y",
    seed: int = 0,
    workers: int = 1,
    memory_per_worker: float = 8e9,
    progress: bool = True,
) -> pd.DataFrame:
    """Write samples.npy, grid.npy, surface.npy, manifest.csv and their checksums into a folder.

    A shape that cannot be used is a line of the manifest with the reason; the others go on.
    Results do not depend on the batch, the order or the number of workers.

    Args:
        requests: the shapes, in the order of the manifest.
        folder: is made if it is not there; its name is the batch's.
        shapes: grid, samples, surfaces, and what is rejected.
        up: the meshes' upward axis (procedural shapes stand upright).
        seed: of the samples, together with the shape's id.
        workers: processes.
        memory_per_worker: bytes; a shape that needs more is rejected.
        progress: whether to show a progress bar.

    Returns:
        The manifest.

    Raises:
        OSError: if a file cannot be written, for instance on a full disk.
        FolderInUseError: if another process prepares the same batch.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    prepare = partial(
        _prepare_all,
        workers=min(workers, max(len(requests), 1)),
        seconds=shapes.seconds_per_shape,
        memory_bytes=int(memory_per_worker),
        progress=progress,
    )
    with sole_writer(folder, folder.with_name(f".{folder.name}.lock")):
        lines = _write_arrays(folder, requests, Recipe(shapes, up, seed), prepare)
        manifest = pd.DataFrame(lines, columns=COLUMNS)
        manifest["batch"] = folder.name
        write_manifest(manifest, folder / "manifest.csv")
        write_checksums([*(folder / f"{name}.npy" for name in ARRAYS), folder / "manifest.csv"])
    return manifest


def _write_arrays(
    folder: Path,
    requests: Sequence[ShapeRequest],
    recipe: Recipe,
    prepare: Callable[..., list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Write the arrays of the accepted shapes; returns the lines of the manifest."""
    row_shapes = (
        (2, recipe.shapes.samples // 2, 4),
        (recipe.shapes.resolution,) * 3,
        (recipe.shapes.surface_points, 3),
    )
    with ExitStack() as stack:
        files = [
            stack.enter_context(RowFile(folder / f"{name}.npy", len(requests), row_shape))
            for name, row_shape in zip(ARRAYS, row_shapes, strict=True)
        ]
        lines = prepare(requests, recipe, files)
        accepted = [place for place, line in enumerate(lines) if line["status"] == "ok"]
        for row, place in enumerate(accepted):
            lines[place]["row"] = row
        for file in files:
            file.close(accepted)
    return lines


def _prepare_all(
    requests: Sequence[ShapeRequest],
    recipe: Recipe,
    files: Sequence[RowFile],
    *,
    workers: int,
    seconds: float,
    memory_bytes: int,
    progress: bool,
) -> list[dict[str, Any]]:
    """Prepare every shape, write its arrays, and return the lines of the manifest."""
    from toposhape.base.workers import run_isolated

    lines: list[dict[str, Any]] = [{} for _ in requests]
    outcomes = run_isolated(
        prepare_shape,
        [(request, recipe) for request in requests],
        workers=workers,
        seconds=seconds,
        memory_bytes=memory_bytes,
    )
    bar = tqdm(
        total=len(requests),
        unit="shape",
        disable=not progress,
        file=sys.stderr,
        mininterval=1 if sys.stderr.isatty() else 30,  # a log wants a line now and then
    )
    with bar:
        for place, prepared, failure in outcomes:
            line = dict(requests[place]._asdict(), status="ok", reason="")
            if failure:
                line |= {"status": "rejected", "reason": failure}
            else:
                line |= prepared.facts
                for file, values in zip(files, prepared[1:], strict=True):
                    file.write(place, values)
            lines[place] = line
            bar.update()
    return lines


def prepare_shape(task: tuple[ShapeRequest, Recipe]) -> Prepared:
    """Prepare one shape.

    Raises:
        ValueError: with the reason, if the shape cannot be used.
    """
    request, recipe = task
    settings = recipe.shapes
    mesh, declared = _read(request, recipe)
    transform = normalising_transform(mesh.vertices)
    vertices = transform.apply(mesh.vertices)
    if "declared_b0" not in declared and mesh.watertight and len(mesh.faces) <= _MOST_FACES:
        betti = mesh_betti_numbers(vertices, mesh.faces) or ()
        declared |= {f"declared_b{k}": number for k, number in enumerate(betti)}
    solid = make_solid(
        vertices,
        mesh.faces,
        sheet_thickness=settings.sheet_thickness,
        least_thickness=settings.least_thickness * settings.spacing,
    )
    grid = fine_distance_grid(solid, settings.resolution)
    if not (grid.values < 0).any():
        raise MeshRejected(
            f"too thin: no grid vertex is inside at resolution {settings.resolution}"
        )
    rng = np.random.default_rng([recipe.seed, *request.shape.encode()])
    return Prepared(
        facts=_facts(mesh, transform)
        | declared
        | {
            "geometry_hash": geometry_signature(grid.values),
            "inside_share": round(solid.inside_share, 4),
            "thin_share": round(solid.thin_share, 4),
        },
        samples=sample_signed_distance(solid, grid, settings.samples, rng),
        grid=grid.values,
        surface=sample_surface(solid, settings.surface_points, rng),
    )


def _read(request: ShapeRequest, recipe: Recipe) -> tuple[Mesh, dict[str, Any]]:
    """The mesh, upright, and what is known of a procedural one."""
    if request.source.startswith(UNUSABLE):
        raise MeshRejected("the file's name is no UTF-8, or has control characters: rename it")
    if not request.source.startswith(PROCEDURAL):
        mesh = load_mesh(request.source, up=recipe.up, max_faces=recipe.shapes.max_faces)
        return mesh, {"up": recipe.up}
    from .furniture import make_shape

    kind, seed, index = request.source.removeprefix(PROCEDURAL).split(":")
    made = make_shape(kind, int(seed), int(index))
    mesh = clean_mesh(made.vertices, made.faces, max_faces=recipe.shapes.max_faces)
    betti = {f"declared_{name}": number for name, number in asdict(made.topology).items()}
    return mesh, {"up": "y", **betti}


def _facts(mesh: Mesh, transform: Transform) -> dict[str, Any]:
    offset = dict(
        zip(("offset_x", "offset_y", "offset_z"), map(float, transform.offset), strict=True)
    )
    return {
        "faces": len(mesh.faces),
        "components": mesh.components,
        "watertight": mesh.watertight,
        "scale": transform.scale,
        **offset,
    }
