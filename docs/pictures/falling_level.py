"""Write docs/pictures/falling_level.html: a chair to turn while its level falls, and its diagram.

python docs/pictures/falling_level.py

The page has the gallery's viewer, all that it shows within it, and loads nothing.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray

from toposhape.jobs.diagrams import FieldDiagram, Point, describe_field, read_field
from toposhape.publication import gallery
from toposhape.publication.gallery.encoding import pack_mesh, simplified
from toposhape.publication.pictures.pieces import Mesh
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.level_sets import level_surface

FOLDER = Path(__file__).parent
CHAIR = ("chair", 0, 20)  # category, seed, number
RESOLUTION = 64
LEAST = 0.03  # persistence of the points that are told
AT_ONCE = 0.012  # levels between events that are told together
AFTER = 0.004  # levels between an event and its picture, where red is not yet hidden
SPHERE = 0.06  # of a birth or a death, normalised units
GALLERY = Path(gallery.__file__).parent
SCRIPTS = ("mesh", "orbit", "shaders", "viewer", "diagram", "cards")
NAMES, MANY = ("piece", "handle", "cavity"), ("pieces", "handles", "cavities")
ENDS = ("joined to another", "closed", "filled")


class Event(NamedTuple):
    """A point of the diagram is born, or dies.

    Attributes:
        level: where.
        degree: 0 piece, 1 handle, 2 cavity.
        birth: or death.
        vertex: of the grid, that causes it.
    """

    level: float
    degree: int
    birth: bool
    vertex: tuple[int, ...]


class Frame(NamedTuple):
    """What the page shows between two events."""

    level: float
    betti: tuple[int, ...]
    text: str
    mesh: str


def chair(folder: Path) -> FieldDiagram:
    """The depths of a chair, and its diagram."""
    made = make_shape(*CHAIR)
    file = folder / "chair.ply"
    trimesh.Trimesh(made.vertices, made.faces).export(file)
    field = read_field(str(file), resolution=RESOLUTION)
    return describe_field(field, min_persistence=LEAST)


def events(points: Sequence[Point]) -> list[list[Event]]:
    """What happens while the level falls, in order; what happens nearly at once stands together."""
    found = [Event(p.birth, p.degree, True, p.birth_vertex) for p in points]
    found += [
        Event(p.death, p.degree, False, p.death_vertex)
        for p in points
        if p.death is not None and p.death_vertex is not None
    ]
    groups: list[list[Event]] = []
    for event in sorted(found, key=lambda event: -event.level):
        if not groups or groups[-1][-1].level - event.level > AT_ONCE:
            groups.append([])
        groups[-1].append(event)
    return groups


def told(group: Sequence[Event]) -> str:
    """What happens, in words."""
    numbers = Counter((event.degree, event.birth) for event in group)
    parts = [
        f"{n} {NAMES[k] if n == 1 else MANY[k]} {'born' if birth else ENDS[k]}"
        for (k, birth), n in numbers.items()
    ]
    return f"{', '.join(parts)} at {group[-1].level:.2f}"


def frames(found: FieldDiagram) -> list[Frame]:
    """A frame shortly after each group of events, and one of the chair itself."""
    groups = events(found.points)
    ends = [group[0].level for group in groups[1:]] + [groups[-1][-1].level - 0.05]
    made = [_frame(found, 0.0, [])]
    for group, end in zip(groups, ends, strict=True):
        here = group[-1].level
        made.append(_frame(found, max((here + end) / 2, here - AFTER), group))
    return sorted(made, key=lambda frame: -frame.level)


def _frame(found: FieldDiagram, level: float, group: Sequence[Event]) -> Frame:
    values = found.field.values
    vertices, faces = level_surface(values, level)
    body = simplified(Mesh(2 * vertices / (RESOLUTION - 1) - 1, faces))
    marks = [_sphere(event.vertex) for event in group]
    vertices, faces, red = joined(body, marks)
    betti = describe_field(found.field, level=level).betti
    text = told(group) if group else "The chair itself"
    return Frame(level, betti, text, pack_mesh(Mesh(vertices, faces), red))


def _sphere(vertex: tuple[int, ...]) -> Mesh:
    ball = trimesh.creation.icosphere(subdivisions=2, radius=SPHERE)
    return Mesh(ball.vertices + 2 * np.array(vertex) / (RESOLUTION - 1) - 1, ball.faces)


def joined(body: Mesh, marks: Sequence[Mesh]) -> tuple[NDArray, NDArray, NDArray[np.bool_]]:
    """Vertices and faces of all, and which faces are of marks."""
    parts = [body, *marks]
    first = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, first, strict=False)]
    red = np.arange(sum(map(len, faces))) >= len(body.faces)
    return np.concatenate([part.vertices for part in parts]), np.concatenate(faces), red


def page(found: FieldDiagram, shown: Sequence[Frame]) -> str:
    """The page's text."""
    points: list[list[float]] = [[], [], []]
    for point in found.points:
        if point.death is not None:
            points[point.degree] += [round(point.death, 4), round(point.birth, 4)]
    content: dict[str, Any] = {
        "points": points,
        "frames": [{"level": round(f.level, 4), "betti": f.betti, "text": f.text} for f in shown],
    }
    meshes = (
        f'<script type="text/plain" id="mesh{i}">{frame.mesh}</script>'
        for i, frame in enumerate(shown)
    )
    scripts = (GALLERY / f"{name}.js" for name in SCRIPTS)
    return Template((FOLDER / "falling_level_page.txt").read_text(encoding="utf-8")).substitute(
        content=json.dumps(content, separators=(",", ":")),
        meshes="\n".join(meshes),
        script="\n".join(script.read_text(encoding="utf-8") for script in scripts),
    )


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        found = chair(Path(folder))
    text = page(found, frames(found))
    (FOLDER / "falling_level.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
