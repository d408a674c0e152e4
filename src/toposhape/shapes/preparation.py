"""Meshes become samples, grids and surfaces: one shape, and a batch of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.settings.shapes import Shapes

from .batch_writing import Preparation, write_batch
from .fine_grids import fine_distance_grid
from .mesh_topology import mesh_betti_numbers
from .meshes import Mesh, MeshRejected, clean_mesh, load_mesh
from .normalisation import Transform, Up, normalising_transform
from .requests import PROCEDURAL, UNUSABLE, UNUSABLE_REASON, ShapeRequest
from .sampling import sample_signed_distance, sample_surface
from .signature import geometry_signature
from .signed_distance import make_solid

if TYPE_CHECKING:
    import pandas as pd

_MOST_FACES = 50_000
"""Of a mesh that is asked for its Betti numbers: that takes a second or two."""

ReadShape = tuple[Mesh, dict[str, Any]]
"""A mesh, upright, and what else is known of the shape: columns of the manifest."""


class Recipe(NamedTuple):
    """How every mesh of a batch is prepared."""

    shapes: Shapes
    up: Up
    seed: int
    read: Reader


Reader = Callable[[ShapeRequest, Recipe], ReadShape]


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
    read: Reader | None = None,
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
        read: makes a mesh of a request; must be picklable. Left out: `read_mesh`.
        progress: whether to show a progress bar.

    Returns:
        The manifest.

    Raises:
        OSError, FolderInUseError: as `write_batch` does.
    """
    rows = {
        "samples": (2, shapes.samples // 2, 4),
        "grid": (shapes.resolution,) * 3,
        "surface": (shapes.surface_points, 3),
    }
    return write_batch(
        requests,
        folder,
        Preparation(prepare_shape, Recipe(shapes, up, seed, read or read_mesh), rows),
        seconds=shapes.seconds_per_shape,
        workers=workers,
        memory_per_worker=memory_per_worker,
        progress=progress,
    )


def prepare_shape(task: tuple[ShapeRequest, Recipe]) -> Prepared:
    """Prepare one shape.

    Raises:
        ValueError: with the reason, if the shape cannot be used.
    """
    request, recipe = task
    settings = recipe.shapes
    mesh, known = recipe.read(request, recipe)
    transform = normalising_transform(mesh.vertices)
    vertices = transform.apply(mesh.vertices)
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
        | known
        | {
            "geometry_hash": geometry_signature(grid.values),
            "inside_share": round(solid.inside_share, 4),
            "thin_share": round(solid.thin_share, 4),
        },
        samples=sample_signed_distance(solid, grid, settings.samples, rng),
        grid=grid.values,
        surface=sample_surface(solid, settings.surface_points, rng),
    )


def read_mesh(request: ShapeRequest, recipe: Recipe) -> ReadShape:
    """The mesh of a file, or a procedural one.

    Raises:
        MeshRejected: with the reason.
    """
    require_usable_name(request)
    if not request.source.startswith(PROCEDURAL):
        mesh = load_mesh(request.source, up=recipe.up, max_faces=recipe.shapes.max_faces)
        return mesh, {"up": recipe.up, **_betti_by_triangles(mesh)}
    from .furniture import make_shape

    kind, seed, index = request.source.removeprefix(PROCEDURAL).split(":")
    made = make_shape(kind, int(seed), int(index))
    mesh = clean_mesh(made.vertices, made.faces, max_faces=recipe.shapes.max_faces)
    betti = {f"declared_{name}": number for name, number in asdict(made.topology).items()}
    return mesh, {"up": "y", **betti}


def require_usable_name(request: ShapeRequest) -> None:
    """Refuse a file that no text file can name.

    Raises:
        MeshRejected: with the reason.
    """
    if request.source.startswith(UNUSABLE):
        raise MeshRejected(UNUSABLE_REASON)


def _betti_by_triangles(mesh: Mesh) -> dict[str, int]:
    if not mesh.watertight or len(mesh.faces) > _MOST_FACES:
        return {}
    vertices = normalising_transform(mesh.vertices).apply(mesh.vertices)
    betti = mesh_betti_numbers(vertices, mesh.faces) or ()
    return {f"declared_b{k}": number for k, number in enumerate(betti)}


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
