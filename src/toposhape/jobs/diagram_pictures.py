"""Pictures of one diagram: plots, and spheres in 3D where its points are born and die."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.publication.colours import CLAY, DEGREE_COLOURS
from toposhape.publication.figures.one_diagram import Bar, one_diagram_figure
from toposhape.publication.pictures.pictures import picture
from toposhape.publication.pictures.pieces import Mesh
from toposhape.shapes.level_sets import level_surface

from .diagrams import FieldDiagram, Point

PIXELS = 480
SPHERE = 0.018  # of a birth, in units of the longest edge of the box; a death has half of it
SEE_THROUGH = 0.3
DEGREE_NAMES = ("piece", "handle", "cavity")


def write_diagram_picture(found: FieldDiagram, path: str | Path) -> None:
    """Write a PNG: the level set (of an image: itself), the diagram and the barcode."""
    field, falling = found.field, found.filtration == "superlevel"
    flat = field.kind == "image"
    bars = [
        Bar(point.degree, point.birth, point.death, point.birth_vertex if flat else None)
        for point in found.points
    ]
    shown = field.values if flat else picture(_in_box(found), PIXELS)
    name = Path(field.name).name
    figure = one_diagram_figure(name, found.betti, shown, bars, found.level, falling)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        figure.savefig(file, dpi=130, metadata={"Software": None})


def write_critical_vertices(found: FieldDiagram, path: str | Path, most: int) -> None:
    """Write a glb of the level set, see-through, with spheres at critical vertices.

    A birth is a sphere, a death one of half its size, in the colour of the degree; a grey rod joins
    the two. Names of the nodes give degree and value. Of a mesh all is in the file's own units,
    upright; of a volume vertex [i, j, k] lies at (i, j, k).

    Args:
        found: of three axes.
        path: of the .glb file.
        most: points that are marked, the longest.

    Raises:
        ValueError: for an image.
    """
    if found.field.kind == "image":
        raise ValueError(
            f"{found.field.name}: --where marks places in 3D; of an image --picture shows them"
        )
    surface = trimesh.Trimesh(*_surface(found), process=False)
    surface.vertices = _to_file(found, surface.vertices)
    scene = trimesh.Scene()
    if len(surface.faces):
        _paint(surface, (*CLAY, SEE_THROUGH))
        scene.add_geometry(surface, geom_name="level set")
    size = _scale(found) * SPHERE * max(found.field.values.shape)
    for number, point in enumerate(found.points[:most]):
        _mark(scene, found, point, number, size)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        scene.export(file, file_type="glb")


def _mark(
    scene: trimesh.Scene, found: FieldDiagram, point: Point, number: int, size: float
) -> None:
    """Add the spheres of a point and the rod between them."""
    colour = tuple(int(DEGREE_COLOURS[point.degree][i : i + 2], 16) / 255 for i in (1, 3, 5))
    name = f"{number:02d} {DEGREE_NAMES[point.degree]}"
    born = _to_file(found, np.array([point.birth_vertex], float))[0]
    _add(scene, _sphere(born, size), colour, f"{name} born at {point.birth:.4g}")
    if point.death_vertex is None or point.death is None:
        return
    died = _to_file(found, np.array([point.death_vertex], float))[0]
    _add(scene, _sphere(died, size / 2), colour, f"{name} dies at {point.death:.4g}")
    if np.linalg.norm(died - born) > size / 10:
        rod = trimesh.creation.cylinder(size / 8, segment=[born, died], sections=8)
        _add(scene, rod, (0.5, 0.5, 0.5), f"{name} persists for {point.persistence:.4g}")


def _sphere(centre: NDArray[np.float64], radius: float) -> trimesh.Trimesh:
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=radius)
    sphere.apply_translation(centre)
    return sphere


def _add(scene: trimesh.Scene, mesh: trimesh.Trimesh, colour: tuple[float, ...], name: str) -> None:
    _paint(mesh, (*colour, 1.0))
    scene.add_geometry(mesh, geom_name=name, node_name=name)


def _paint(mesh: trimesh.Trimesh, colour: Sequence[float]) -> None:
    mesh.visual = trimesh.visual.TextureVisuals(
        material=trimesh.visual.material.PBRMaterial(
            baseColorFactor=[round(255 * part) for part in colour],
            alphaMode="BLEND" if colour[3] < 1 else "OPAQUE",
            doubleSided=True,
            metallicFactor=0.0,
            roughnessFactor=0.9,
        )
    )


def _surface(found: FieldDiagram) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The boundary of the counted set, in indices."""
    sign = 1 if found.filtration == "superlevel" else -1
    return level_surface(sign * found.field.values, sign * found.level)


def _in_box(found: FieldDiagram) -> Mesh:
    """The same in the cube [-1, 1]^3, its longest edge from wall to wall."""
    vertices, faces = _surface(found)
    extent = np.array(found.field.values.shape) - 1
    return Mesh((2 * vertices - extent) / max(extent.max(), 1), faces)


def _to_file(found: FieldDiagram, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in indices (n, 3), of a mesh in the file's own units."""
    if found.field.transform is None:
        return places
    return found.field.transform.invert(2 * places / (len(found.field.values) - 1) - 1)


def _scale(found: FieldDiagram) -> float:
    """How long the step from a vertex to the next is in the file's units."""
    ends = _to_file(found, np.array([[0.0, 0, 0], [1, 0, 0]]))
    return float(np.linalg.norm(ends[1] - ends[0]))
