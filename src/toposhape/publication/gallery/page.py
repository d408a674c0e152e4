"""The gallery's page: plain data in, one HTML text out, with all that it needs inside."""

import base64
import html
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toposhape.topology import diagram_distance, diagram_distances
from toposhape.topology.distances.wasserstein import HasPoints

from ..colours import colours
from ..pictures.portraits import Portrait

SCRIPTS = (
    "mesh.js",
    "orbit.js",
    "shaders.js",
    "viewer.js",
    "diagram.js",
    "cards.js",
    "gallery.js",
)
PICTURES_OF_A_WALK = 5
_LASTING = (
    "Points in the tinted corner are what the finished shape has, beyond its first piece; points "
    "near the diagonal are details that hardly matter."
)
READINGS = {
    "interior": "Let the shape grow from its innermost core: each mark is a piece, a handle or a "
    "cavity, its height the depth below the surface at which it appears (birth), its place from "
    f"left to right the depth at which it is gone again (death). {_LASTING}",
    "exterior": "Let the space around the shape fill from afar: each mark is a piece, a handle or "
    "a cavity of what is filled, its height the distance from the surface at which it appears "
    "(birth), its place from left to right the distance at which it is gone again (death). "
    "Points near the diagonal are details that hardly matter.",
}


Origin = Literal["generated", "given"]
ORIGINS: dict[Origin, dict[str, str]] = {
    "generated": {
        "heading": "Generated shapes, to turn and to compare",
        "origin": "A network made each of these shapes out of random numbers",
        "kind": "Run",
        "order": "Shown are the first shapes of each method, in the order in which they were "
        "drawn; nobody has chosen among them.",
        "sorted_as": "order of drawing",
        "compared": "a test shape, one of the given shapes that no network has learnt from",
    },
    "given": {
        "heading": "Shapes, to turn and to compare",
        "origin": "These are meshes of a folder, as a grid shows them",
        "kind": "Folder",
        "order": "Shown are the first meshes by their names; nobody has chosen among them.",
        "sorted_as": "name",
        "compared": "a shape of the folder that it is compared with",
    },
}
"""What the page says of where its shapes come from."""


@dataclass(frozen=True, eq=False)
class GalleryShape:
    """A shape and what is known of it.

    Attributes:
        category: its kind of shapes.
        method: the generator that made it.
        name: what it is called within both, such as its number.
        portrait: its picture and its surface (`toposhape.publication.pictures.pictures.portray`).
        diagram: its persistence diagrams.
        betti: pieces, handles and cavities of the solid.
    """

    category: str
    method: str
    name: str
    portrait: Portrait
    diagram: HasPoints
    betti: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class GalleryWalk:
    """Shapes along a way from one latent code to another.

    Attributes:
        frames: the shapes in order, the first and the last included; of one category and method.
        ends: the names of the shapes at both ends.
    """

    frames: Sequence[GalleryShape]
    ends: tuple[str, str]


def gallery_page(
    title: str,
    shapes: Sequence[GalleryShape],
    walks: Sequence[GalleryWalk],
    test_diagrams: Mapping[str, Mapping[str, HasPoints]],
    *,
    side: Literal["interior", "exterior"] = "interior",
    origin: Origin = "generated",
    notes: Sequence[str] = (),
    picture_pixels: int = 220,
) -> str:
    """Build the page.

    Args:
        title: what this run is called.
        shapes: in the order in which they were drawn.
        walks: interpolations; may be none.
        test_diagrams: by category, the diagrams of the test shapes by their ids; empty if there is
            nothing to compare with, and the page tells no distances.
        side: which side of the surfaces the diagrams tell of, for the explanation: interior or
            exterior.
        origin: whether a network made the shapes, or a folder holds them.
        notes: what people should know before they look, a sentence or two each.
        picture_pixels: width and height of the pictures in the lists.

    Returns:
        HTML that needs no other file and no network.

    Raises:
        ValueError: if there is no shape, or no test diagram for a category.
    """
    if not shapes:
        raise ValueError("a gallery needs at least one shape")
    records = _Records(picture_pixels)
    content = {
        "methods": colours(list(dict.fromkeys(shape.method for shape in shapes))),
        "categories": list(dict.fromkeys(shape.category for shape in shapes)),
        "compared": "test shape" if origin == "generated" else "shape compared with",
        "tests": {
            category: {name: _points(diagram) for name, diagram in diagrams.items()}
            for category, diagrams in test_diagrams.items()
        },
        "shapes": [
            records.of_shape(shape) | nearest
            for shape, nearest in zip(shapes, _nearest_tests(shapes, test_diagrams), strict=True)
        ],
        "walks": [records.of_walk(walk) for walk in walks],
    }
    return Template(_asset("gallery.html")).substitute(
        title=html.escape(title),
        style=_asset("gallery.css"),
        notes="\n".join(f'<p class="notice">{html.escape(note)}</p>' for note in notes),
        reading=READINGS[side],
        **ORIGINS[origin],
        content=_embedded(content),
        meshes="\n".join(_mesh_element(i, text) for i, text in enumerate(records.meshes)),
        script="\n".join(_asset(name) for name in SCRIPTS),
    )


class _Records:
    """What the page knows of each shape, and the texts of their meshes."""

    def __init__(self, picture_pixels: int) -> None:
        self.picture_pixels = picture_pixels
        self.meshes: list[str] = []

    def of_shape(self, shape: GalleryShape, pictured: bool = True) -> dict[str, Any]:
        self.meshes.append(shape.portrait.mesh)
        record = {
            "category": shape.category,
            "method": shape.method,
            "name": shape.name,
            "mesh": len(self.meshes) - 1,
            "betti": [int(number) for number in shape.betti],
            "points": _points(shape.diagram),
        }
        if pictured:
            record["picture"] = _picture_uri(shape.portrait.picture, self.picture_pixels)
        return record

    def of_walk(self, walk: GalleryWalk) -> dict[str, Any]:
        frames = walk.frames
        pictured = set(np.linspace(0, len(frames) - 1, PICTURES_OF_A_WALK).round())
        return {
            "category": frames[0].category,
            "method": frames[0].method,
            "ends": list(walk.ends),
            "frames": [self.of_shape(frame, i in pictured) for i, frame in enumerate(frames)],
            "threads": [_threads(a.diagram, b.diagram) for a, b in pairwise(frames)],
        }


def _threads(one: HasPoints, other: HasPoints) -> list[list[list[int]]]:
    """For each degree, which points of two diagrams an optimal matching takes for the same."""
    pairs = []
    for a, b in zip(one.points, other.points, strict=True):
        _, matching = diagram_distance(a, b, return_matching=True)
        pairs.append(matching.tolist())
    return pairs


def _nearest_tests(
    shapes: Sequence[GalleryShape], test_diagrams: Mapping[str, Mapping[str, HasPoints]]
) -> Iterable[dict[str, Any]]:
    """For each shape the distance, equation (1), to the nearest test diagram, and its id."""
    found: list[dict[str, Any]] = [{} for _ in shapes]
    if not test_diagrams:
        return found
    for category in {shape.category for shape in shapes}:
        tests = test_diagrams.get(category)
        if not tests:
            raise ValueError(f"there are no test diagrams of category {category!r}")
        places = [i for i, shape in enumerate(shapes) if shape.category == category]
        costs = diagram_distances([shapes[i].diagram for i in places], list(tests.values()))
        names = list(tests)
        for i, row in zip(places, costs, strict=True):
            found[i] = {"distance": float(row.min()), "nearest": names[row.argmin()]}
    return found


def _points(diagram: HasPoints) -> list[list[float]]:
    """For each degree death, birth, death, birth, ..., to a ten-thousandth."""
    return [np.round(np.asarray(p, float), 4).ravel().tolist() for p in diagram.points]


def _picture_uri(picture: NDArray[np.uint8], pixels: int) -> str:
    """A picture, so many pixels wide and high, as a data URI (WebP)."""
    stream = io.BytesIO()
    small = Image.fromarray(picture).resize((pixels, pixels), Image.Resampling.LANCZOS)
    small.save(stream, "WEBP", quality=74, method=4)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _mesh_element(number: int, text: str) -> str:
    return f'<script type="text/plain" id="mesh{number}">{text}</script>'


def _embedded(content: dict[str, Any]) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
