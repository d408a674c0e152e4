"""Draw docs/pictures/persistence_*.png: lower links, a cycle on its way down, a torus's diagram.

python docs/pictures/persistence.py
"""

from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from toposhape.topology import superlevel_diagrams  # noqa: E402
from toposhape.topology.grids.geometry import freudenthal_geometry  # noqa: E402
from toposhape.topology.grids.layout import layout  # noqa: E402

FOLDER = Path(__file__).parent
BLUE, ORANGE, GREY = "#1f6fb4", "#d9730d", "#9a9a9a"

ELEVATION, AZIMUTH = 25, -20
VIEW = np.array(
    [
        np.cos(np.radians(ELEVATION)) * np.cos(np.radians(AZIMUTH)),
        np.cos(np.radians(ELEVATION)) * np.sin(np.radians(AZIMUTH)),
        np.sin(np.radians(ELEVATION)),
    ]
)
"""Direction of the eye."""

LOWER_LINKS = {
    "minimum": [],
    "regular": [0, 1, 2, 3, 4, 5, 6],
    "joins two pieces": [5, 13],
    "fills a hole": [d for d in range(14) if d not in (5, 13)],
    "maximum": list(range(14)),
}
"""Directions that come before the vertex."""


def draw_link(axes: Axes, title: str, lower: list[int]) -> None:
    """Draw the link of a vertex as a sphere, the lower link in blue and the rest in orange.

    A shear turns the grid into the lattice in which all 14 neighbours look alike, as in a crystal
    of cubes with an atom in the middle of each.
    """
    geometry = freudenthal_geometry()
    places = geometry.steps @ (np.eye(3) - 1 / 6)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    front = places @ VIEW > -0.35
    inside = np.isin(np.arange(14), lower)
    for chosen, colour in ((inside, BLUE), (~inside, ORANGE)):
        edges = [places[e] for e in geometry.edges if chosen[e].all() and front[e].all()]
        faces = [
            places[t]
            for t in geometry.triangles
            if chosen[t].all() and places[t].mean(0) @ VIEW > 0
        ]
        if faces:
            axes.add_collection3d(Poly3DCollection(faces, color=colour, alpha=0.35, linewidth=0))
        if edges:
            axes.add_collection3d(Line3DCollection(edges, color=colour, linewidth=1.8))
        axes.scatter(*places[chosen & front].T, color=colour, s=26, depthshade=False)
    mixed = [places[e] for e in geometry.edges if inside[e].sum() == 1 and front[e].all()]
    if mixed:
        axes.add_collection3d(Line3DCollection(mixed, color=GREY, linewidth=0.6, linestyle=":"))
    mask = sum(1 << d for d in lower)
    both = int(layout((3, 3, 3), "freudenthal").link.value.components[mask])
    axes.set_title(f"{title}\npieces: lower {both & 15}, upper {both >> 4}", fontsize=9)
    axes.set_box_aspect((1, 1, 1), zoom=1.5)
    axes.set_axis_off()
    axes.view_init(ELEVATION, AZIMUTH)


def links_picture() -> None:
    """Draw one lower link of every type."""
    figure = plt.figure(figsize=(10, 2.5))
    for i, (title, lower) in enumerate(LOWER_LINKS.items()):
        draw_link(figure.add_subplot(1, len(LOWER_LINKS), i + 1, projection="3d"), title, lower)
    figure.subplots_adjust(0, 0, 1, 0.85, 0, 0)
    figure.savefig(FOLDER / "persistence_links.png", dpi=150)


def landscape(size: int = 27) -> NDArray[np.float64]:
    """A mountain within a valley that a ridge surrounds; the ridge has a pass."""
    x, y = np.meshgrid(*[np.linspace(-1, 1, size)] * 2, indexing="ij")
    radius, angle = np.hypot(x - 0.05, y + 0.03), np.arctan2(y, x)
    mountain = 1.1 * np.exp(-((x - 0.1) ** 2 + (y + 0.05) ** 2) / 0.08)
    valley = -(0.75 + 0.2 * np.cos(angle - 1) + 0.1 * np.sin(3 * angle))
    return mountain + valley * np.exp(-((radius - 0.62) ** 2) / 0.035)


RING = [(-1, -1), (-1, 0), (0, 1), (1, 1), (1, 0), (0, -1)]
"""Neighbours of a vertex in the triangulated plane, in cyclic order: its link."""

Vertex = tuple[int, int]


def lower_path(field: NDArray[np.float64], vertex: Vertex, a: Vertex, b: Vertex) -> list[Vertex]:
    """Return the way from a to b along the link through lower vertices, empty if there is none."""
    ring = [(vertex[0] + i, vertex[1] + j) for i, j in RING]
    for step in (1, -1):
        path, place = [a], ring.index(a)
        while path[-1] != b:
            place = (place + step) % 6
            if field[ring[place]] >= field[vertex]:
                break
            path.append(ring[place])
        else:
            return path
    return []


def pushed_down(field: NDArray[np.float64], top: Vertex) -> list[set[frozenset]]:
    """Push the ring around a peak down until it hangs on a pass; return the cycles on the way."""
    ring = [(top[0] + i, top[1] + j) for i, j in RING]
    cycle = {frozenset(pair) for pair in zip(ring, ring[1:] + ring[:1], strict=True)}
    stages = [cycle]
    while True:
        highest = max({v for edge in cycle for v in edge}, key=lambda v: field[v])
        at = [edge for edge in cycle if highest in edge]
        a, b = (next(iter(edge - {highest})) for edge in at[:2])
        path = lower_path(field, highest, a, b)
        if len(at) != 2 or not path:
            return stages
        cycle = cycle ^ set(at[:2]) ^ {frozenset(p) for p in zip(path, path[1:], strict=False)}
        stages.append(cycle)


def cycle_picture() -> None:
    """Draw the field, four cycles on the way down, and the pair in the diagram."""
    field = landscape()
    top = np.unravel_index(np.argmax(field), field.shape)
    stages = pushed_down(field, tuple(int(i) for i in top))
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.1), layout="constrained")
    for axis, share in zip(axes, (0, 0.3, 0.7, 1), strict=True):
        number = round(share * (len(stages) - 1))
        axis.contourf(field.T, 24, cmap="Greys", alpha=0.7)
        for edge in stages[number]:
            axis.plot(*np.array(list(edge)).T, color=BLUE, linewidth=2)
        highest = max({v for edge in stages[number] for v in edge}, key=lambda v: field[v])
        axis.plot(*highest, "o", color=ORANGE)
        axis.plot(*top, "^", color="black")
        axis.set(title=f"after {number} steps, highest {field[highest]:.2f}", aspect="equal")
        axis.set_axis_off()
    pairs = superlevel_diagrams(-field).points[1]
    birth, death = -pairs[np.argmin(pairs[:, 0])][::-1]
    figure.suptitle(
        f"the engine's pair: the cycle appears at {birth:.2f}, is filled at {death:.2f}"
    )
    figure.savefig(FOLDER / "persistence_cycle.png", dpi=150)


def torus_picture() -> None:
    """Draw a slice of a torus's distance, and the points of both its sides."""
    axis = np.linspace(-1, 1, 64)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    distance = np.hypot(np.hypot(x, y) - 0.6, z) - 0.2
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.3), layout="constrained")
    axes[0].contourf(axis, axis, -distance[:, :, 32].T, 20, cmap="RdBu")
    axes[0].contour(axis, axis, distance[:, :, 32].T, [0.0], colors="black")
    axes[0].set_title("-f, minus the distance to a torus", fontsize=10)
    axes[0].set(aspect="equal", xlabel="x", ylabel="y")
    for plot, field, title in (
        (axes[1], -distance, "superlevel sets of -f: the shape"),
        (axes[2], distance, "superlevel sets of f: the box shows"),
    ):
        diagram = superlevel_diagrams(field, min_persistence=0.05)
        for degree, (marker, colour) in enumerate((("o", BLUE), ("s", ORANGE), ("^", "black"))):
            points = diagram.points[degree]
            plot.plot(*points.T, marker, color=colour, label=f"degree {degree}: {len(points)}")
        low, high = field.min(), field.max()
        plot.plot([low, high], [low, high], color=GREY, linewidth=0.8)
        plot.set_title(title, fontsize=10)
        plot.set(xlabel="death", ylabel="birth", aspect="equal")
        plot.legend(frameon=False, loc="lower right", fontsize=8)
    figure.savefig(FOLDER / "persistence_torus.png", dpi=150)


if __name__ == "__main__":
    links_picture()
    cycle_picture()
    torus_picture()
