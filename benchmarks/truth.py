"""How often the grid shows the topology that a shape has, and what finer grids cost.

    python benchmarks/truth.py [--count 60] [--codes 24] [--meshes FOLDER] [--run results/furniture]

Procedural furniture declares its Betti numbers; watertight meshes below FOLDER/<category>/ tell
theirs (`toposhape.shapes.mesh_topology`). Compared are grids of several resolutions, solids
{f <= level} of several levels, and shapes whose thin parts were given a least thickness. Of the
generators of RUN the same is asked of fresh codes, whose fields have no mesh: there the finest grid
is the reference. Writes docs/records/benchmarks_truth.md.
"""

import argparse
import os

os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("IGL", "OMP", "OPENBLAS", "MKL", "NUMBA")}

import platform  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterable, Iterator  # noqa: E402
from dataclasses import astuple, dataclass, field  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from toposhape.generators import evaluate_on_grid  # noqa: E402
from toposhape.generators.implicit.fields import SYNTHESIS_TOLERANCE  # noqa: E402
from toposhape.generators.implicit.store import load_generator  # noqa: E402
from toposhape.settings.shapes import Shapes  # noqa: E402
from toposhape.shapes.fine_grids import fine_distance_grid  # noqa: E402
from toposhape.shapes.furniture import make_shape  # noqa: E402
from toposhape.shapes.grids import signed_distance_grid  # noqa: E402
from toposhape.shapes.mesh_topology import Betti, mesh_betti_numbers  # noqa: E402
from toposhape.shapes.meshes import MeshRejected, clean_mesh, load_mesh  # noqa: E402
from toposhape.shapes.normalisation import normalising_transform  # noqa: E402
from toposhape.shapes.signed_distance import make_solid  # noqa: E402
from toposhape.topology import Diagram, diagram_distances, superlevel_diagrams  # noqa: E402

PAGE = Path(__file__).parents[1] / "docs" / "records" / "benchmarks_truth.md"
RESOLUTIONS = (64, 96, 128, 192)
THICKENED = (64, 96, 128)
LEVELS = (0.0, 0.005, 0.01, 0.02)
MIN_PERSISTENCE = 0.01
METHODS = ("DeepSDF-VAD", "Ours-DeepSDF")
Field = NDArray[np.float32]


@dataclass
class Seen:
    """What one way of looking at one shape shows."""

    betti: tuple[Betti, ...]
    """Of each level."""
    diagram: Diagram
    seconds: float
    """Processor time of grid and diagram."""


@dataclass
class Shape:
    """A shape whose Betti numbers are known, and what grids show of it."""

    name: str
    true: Betti
    thin: dict[int, float] = field(default_factory=dict)
    """Share of the area that bounds parts thinner than `least_thickness`, by resolution."""
    seen: dict[str, Seen] = field(default_factory=dict)


def least_thickness(resolution: int) -> float:
    """What config.yaml asks for [normalised units]."""
    settings = Shapes(resolution=resolution)
    return settings.least_thickness * settings.spacing


def look(make_field: Callable[[], Field]) -> Seen:
    """Betti numbers at all levels, the diagram, and what both cost."""
    begin = time.process_time()
    distance = make_field()
    diagram = superlevel_diagrams(-distance[None], threads=1)[0]
    seconds = time.process_time() - begin
    empty = [level for level in LEVELS if distance.min() > level]
    betti = tuple((0, 0, 0) if at in empty else diagram.betti_numbers(-at) for at in LEVELS)
    return Seen(betti, diagram.restricted(MIN_PERSISTENCE), seconds)


def measure(shape: Shape, vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> Shape:
    """Look at a shape, in the shape frame, in every way."""
    solid = make_solid(vertices, faces, sheet_thickness=0.03)
    shape.seen["64^3, every vertex"] = look(lambda: signed_distance_grid(solid, 64).values)
    for resolution in RESOLUTIONS:
        name = f"{resolution}^3"
        shape.seen[name] = look(lambda r=resolution: fine_distance_grid(solid, r).values)
    for resolution in THICKENED:
        begin = time.process_time()
        thick = make_solid(
            vertices, faces, sheet_thickness=0.03, least_thickness=least_thickness(resolution)
        )
        finding = time.process_time() - begin
        shape.thin[resolution] = thick.thin_share
        seen = look(lambda r=resolution, s=thick: fine_distance_grid(s, r).values)
        seen.seconds += finding
        shape.seen[f"{resolution}^3, least thickness"] = seen
    return shape


def procedural(category: str, count: int) -> Iterator[Shape]:
    """Furniture of seed 0, as the default run makes it."""
    for index in range(count):
        made = make_shape(category, 0, index)
        mesh = clean_mesh(made.vertices, made.faces)
        vertices = normalising_transform(mesh.vertices).apply(mesh.vertices)
        shape = Shape(f"{category}-{index:05d}", astuple(made.topology))
        yield measure(shape, vertices, mesh.faces)


def real(folder: Path) -> Iterator[Shape]:
    """Watertight meshes that tell their Betti numbers."""
    for path in sorted(file for file in folder.iterdir() if file.is_file()):
        try:
            mesh = load_mesh(path)
        except MeshRejected:
            continue
        if not mesh.watertight:
            continue
        vertices = normalising_transform(mesh.vertices).apply(mesh.vertices)
        true = mesh_betti_numbers(vertices, mesh.faces)
        if true is not None:
            yield measure(Shape(path.stem, true), vertices, mesh.faces)


def generated(run: Path, category: str, method: str, count: int) -> list[Shape]:
    """Fields of fresh codes; their truth is what the finest grid shows."""
    path = run / "trained" / category / method / "seed0" / "generator.safetensors"
    decoder = load_generator(path).decoder
    codes = np.random.default_rng(0).standard_normal((count, decoder.latent_size), np.float32)
    shapes = []
    for index, code in enumerate(codes):
        shape = Shape(f"{index:03d}", (0, 0, 0))
        for resolution in RESOLUTIONS:
            shape.seen[f"{resolution}^3"] = look(
                lambda c=code, r=resolution: evaluate_on_grid(
                    decoder, c[None], r, tolerance=SYNTHESIS_TOLERANCE
                )[0]
            )
        shape.true = shape.seen[f"{RESOLUTIONS[-1]}^3"].betti[0]
        shapes.append(shape)
    return shapes


def percent(truths: Iterable[bool]) -> str:
    """A share."""
    return f"{100 * np.mean(list(truths)):.0f} %"


def diagram_error(shapes: list[Shape], way: str) -> str:
    """Equation (1) to the finest grid's diagram, relative to its mean between shapes."""
    finest = [shape.seen[f"{RESOLUTIONS[-1]}^3"].diagram for shape in shapes]
    between = diagram_distances(finest, finest)[~np.eye(len(finest), dtype=bool)].mean()
    found = [shape.seen[way].diagram for shape in shapes]
    error = [diagram_distances([a], [b])[0, 0] for a, b in zip(found, finest, strict=True)]
    return f"{100 * np.mean(error) / between:.2f} %"


def table(shapes: list[Shape]) -> list[str]:
    """A line for each way of looking."""
    lines = [
        "| grid | all Betti numbers right at level 0 | 0.005 | 0.01 | 0.02 "
        "| pieces right at 0 | handles right at 0 | one piece at 0 | diagram error | s a shape |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way in shapes[0].seen:
        at = [[shape.seen[way].betti[k] == shape.true for shape in shapes] for k in range(4)]
        zero = [(shape.seen[way].betti[0], shape.true) for shape in shapes]
        cells = [
            *map(percent, at),
            percent(found[0] == true[0] for found, true in zero),
            percent(found[1] == true[1] for found, true in zero),
            percent(found[0] == 1 for found, _ in zero),
            diagram_error(shapes, way),
            f"{np.mean([shape.seen[way].seconds for shape in shapes]):.2f}",
        ]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return lines


def warnings_worth(shapes: list[Shape]) -> list[str]:
    """What a run could know by itself of the shapes whose topology the grid shows wrongly."""
    lines = [
        "| grid | wrong | of these with thin parts | right with thin parts | two grids agree "
        "| right where they agree | wrong where they agree |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for resolution, finer in zip(THICKENED, RESOLUTIONS[1:], strict=True):
        way, other = f"{resolution}^3", f"{finer}^3"
        right = [s for s in shapes if s.seen[way].betti[0] == s.true]
        wrong = [s for s in shapes if s.seen[way].betti[0] != s.true]
        agree = [s for s in shapes if s.seen[way].betti[0] == s.seen[other].betti[0]]
        cells = [
            len(wrong),
            sum(s.thin[resolution] > 0.001 for s in wrong),
            sum(s.thin[resolution] > 0.001 for s in right),
            f"{len(agree)} of {len(shapes)}",
            sum(s in right for s in agree),
            sum(s in wrong for s in agree),
        ]
        lines.append(f"| {way}, then {other} | " + " | ".join(map(str, cells)) + " |")
    return lines


def named(shapes: list[Shape], way: str) -> str:
    """The shapes that one way of looking shows wrongly."""
    wrong = [s for s in shapes if s.seen[way].betti[0] != s.true]
    told = [f"{s.name} {s.true} as {s.seen[way].betti[0]}" for s in wrong[:12]]
    more = f" and {len(wrong) - 12} more" if len(wrong) > 12 else ""
    return f"Wrong at {way}: " + (", ".join(told) + more if told else "none") + "."


EXPLANATION = """
- *right*: pieces, handles and cavities of {{f <= level}} on the grid are those that the shape's
  joints declare, or that its mesh has. R^3 vertices on [-1, 1]^3, spacing 2 / (R - 1).
- *every vertex*: `signed_distance_grid`. All others: `fine_distance_grid`, what runs use, exact
  within a spacing of the surface and at flat kinks, interpolated elsewhere.
- *least thickness*: parts thinner than `shapes.least_thickness` are given that thickness
  about their middle.
- *diagram error*: equation (1) to the diagram of the {finest}^3 grid (points of persistence {tau}
  and more), in per cent of its mean between those diagrams of different shapes.
- *s a shape*: mean processor time of grid and diagram, on one thread.
- *with thin parts*: more than 0.1 % of the surface bounds parts thinner than a cell's diagonal.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--codes", type=int, default=24)
    parser.add_argument("--meshes", type=Path)
    parser.add_argument("--run", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    look(lambda: np.random.default_rng(0).random((16,) * 3, np.float32))  # kernels are compiled
    options = [f"--count {given.count}", f"--codes {given.codes}"]
    options += ["--meshes FOLDER"] * bool(given.meshes) + ["--run RUN"] * bool(given.run)
    page = [
        "# The truth on grids",
        "",
        f"Written by `python benchmarks/truth.py {' '.join(options)}`; "
        f"{platform.processor() or 'CPU'}, {os.cpu_count()} cores.",
        EXPLANATION.format(finest=RESOLUTIONS[-1], tau=MIN_PERSISTENCE),
    ]
    sources = {f"Procedural: {c}": procedural(c, given.count) for c in ("chair", "table", "sofa")}
    if given.meshes:
        folders = sorted(path for path in given.meshes.iterdir() if path.is_dir())
        sources |= {f"Meshes: {folder.name}": real(folder) for folder in folders}
    for title, found in sources.items():
        shapes = []
        for shape in found:
            shapes.append(shape)
            sys.stderr.write(f"{title}: {shape.name} {shape.true}\n")
        page += [f"## {title}, {len(shapes)} shapes", "", *table(shapes), ""]
        page += [*warnings_worth(shapes), "", named(shapes, "64^3"), "", named(shapes, "128^3"), ""]
        PAGE.write_text("\n".join(page), encoding="utf-8")
    for category in ("chair", "table", "sofa") if given.run else ():
        for method in METHODS:
            if not (given.run / "trained" / category / method).exists():
                continue
            shapes = generated(given.run, category, method, given.codes)
            page += [f"## Generated: {method}, {category}, {len(shapes)} codes z ~ N(0, I)", ""]
            page += [*table(shapes), ""]
            PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
