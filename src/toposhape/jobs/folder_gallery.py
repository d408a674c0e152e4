"""The gallery of any folder of meshes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toposhape.publication.gallery.page import GalleryShape, gallery_page
from toposhape.publication.pictures.pictures import portray
from toposhape.publication.pictures.pieces import Mesh
from toposhape.shapes.normalisation import Up
from toposhape.shapes.requests import list_requests
from toposhape.shapes.surfaces import extract_surface
from toposhape.topology.distances.wasserstein import HasPoints

from .comparison import Side, read_side

PIXELS = 320  # of a picture, made half as small again on the page
POINTS = 16  # of a surface: none are looked at


def gallery_groups(folder: str | Path) -> dict[str, Path]:
    """The groups that a gallery shows, by name: each folder in it, or the folder itself.

    Args:
        folder: if there are meshes right in it, it is one group, with all that is below; otherwise
            each folder in it that has meshes is one, such as the output of a generator.

    Raises:
        ValueError: if the folder is not there, or has no mesh.
    """
    folder = Path(folder)
    files = [Path(request.source) for request in list_requests("folder", path=folder)]
    if not files:
        raise ValueError(f"{folder}: no mesh in it or below it (.ply, .obj, .glb, .stl, ...)")
    if any(file.parent == folder for file in files):
        return {folder.resolve().name: folder}
    names = sorted({file.relative_to(folder).parts[0] for file in files})
    return {name: folder / name for name in names}


def gallery_of_groups(title: str, sides: Mapping[str, Side], against: Side | None = None) -> str:
    """The page: the surfaces of all shapes as the grid shows them, what is counted there.

    Args:
        title: of the page; its shapes are called by it, too.
        sides: by the name of the group.
        against: shapes to whose diagrams the nearest distances are told, if any.
    """
    shapes = [
        GalleryShape(
            title,
            group,
            name,
            portray(Mesh(*extract_surface(side.fields[i])), PIXELS),
            side.shapes.diagrams[i],
            tuple(side.shapes.betti[i].tolist()),
        )
        for group, side in sides.items()
        for i, name in enumerate(side.names)
    ]
    tests: dict[str, dict[str, HasPoints]] = {}
    if against is not None:
        tests[title] = dict(zip(against.names, against.shapes.diagrams, strict=True))
    return gallery_page(title, shapes, [], tests, origin="given")


def read_group(
    folder: str | Path,
    *,
    resolution: int,
    up: Up = "y",
    most: int | None = None,
    progress: bool = False,
) -> Side:
    """The shapes of a group, at most so many of them; one at least."""
    return read_side(
        folder, resolution=resolution, points=POINTS, up=up, least=1, most=most, progress=progress
    )
