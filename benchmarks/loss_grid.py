"""What equation (8) costs true shapes: diagrams of one grid and threshold against another's.

    python benchmarks/loss_grid.py generator.safetensors

Joint training compares diagrams of f on the loss's grid with PD(z), which was fitted to diagrams of
the training shapes. A perfect f and a perfect PD would cost nothing if both were taken alike. Here
f is the shape itself: procedural chairs by their signed distance, and fields of a pretrained
generator, of which the time is measured too. Writes docs/records/benchmarks_loss_grid.md.
"""

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from toposhape.generators import evaluate_on_grid
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.critical_points import field_diagrams
from toposhape.settings.joint import JointTraining
from toposhape.settings.topology import Topology
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.meshes import clean_mesh
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signed_distance import Solid, make_solid
from toposhape.topology import Diagram, diagram_distances, superlevel_diagrams

PAGE = Path(__file__).parents[1] / "docs" / "records" / "benchmarks_loss_grid.md"
Field = NDArray[np.float32]
CODES = 4
RESOLUTIONS = (48, 56, 64)

TARGETS = {
    "64^3, 0.01": (64, 0.01),
    "resampled from 64^3 to 48^3, 0.01": (-48, 0.01),
    "48^3, 0.01": (48, 0.01),
}
"""Where targets come from: vertices along an edge (negative: resampled), least persistence."""
LOSSES = {
    "48^3, 0.005": (48, 0.005),
    "48^3, 0.01": (48, 0.01),
    "56^3, 0.01": (56, 0.01),
    "64^3, 0.005": (64, 0.005),
    "64^3, 0.01": (64, 0.01),
}


def resampled(field: Field, resolution: int) -> Field:
    """A field on another grid of the same box, by trilinear interpolation."""
    axis = np.linspace(0, len(field) - 1, resolution)
    places = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))
    return ndimage.map_coordinates(field, places, order=1).astype(np.float32)


def chairs(count: int) -> list[Solid]:
    """Procedural chairs in the shape frame."""
    found = []
    for index in range(count):
        made = make_shape("chair", 0, index)
        mesh = clean_mesh(made.vertices, made.faces, max_faces=2_000_000)
        vertices = normalising_transform(mesh.vertices).apply(mesh.vertices)
        found.append(make_solid(vertices, mesh.faces, sheet_thickness=0.03))
    return found


def diagrams(fields: list[Field], min_persistence: float) -> list[Diagram]:
    """Of the solids' inside."""
    return superlevel_diagrams(-np.stack(fields), min_persistence=min_persistence, threads=1)


def costs(fields: dict[int, list[Field]]) -> list[str]:
    """The table for fields on grids of 48, 56 and 64: a line for each grid of the loss."""
    fields = {**fields, -48: [resampled(field, 48) for field in fields[64]]}
    targets = {name: diagrams(fields[n], least) for name, (n, least) in TARGETS.items()}
    lines = [
        f"| f's diagrams | points of H0, H1 | {' | '.join(f'targets: {t}' for t in targets)} |",
        f"| --- | ---: |{' ---: |' * len(targets)}",
    ]
    for name, (n, least) in LOSSES.items():
        found = diagrams(fields[n], least)
        cells = [points_of(found)]
        for target in targets.values():
            parts = diagram_distances(found, target, parts=True, threads=1)
            each = 100 * np.stack([np.diag(part) for part in parts]).mean(axis=1)
            cells.append(f"{each.sum():.3f} ({each[0]:.3f} + {each[1]:.3f} + {each[2]:.3f})")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [
        *lines,
        f"| *points of the targets* | | {' | '.join(map(points_of, targets.values()))} |",
    ]


def points_of(found: list[Diagram]) -> str:
    """Mean numbers of points of H0 and H1."""
    return ", ".join(f"{n:.1f}" for n in np.mean([d.sizes for d in found], axis=0)[:2])


def seconds(generator: ImplicitGenerator) -> list[str]:
    """Processor time of the fields and diagrams of a step, best of five."""
    codes = fresh_codes(generator, CODES)
    lines = ["| grid of the loss | fields and diagrams of a step [ms] |", "| --- | ---: |"]
    for resolution in RESOLUTIONS:
        joint, found = JointTraining(resolution=resolution), []
        for _ in range(5):
            begin = time.process_time()
            field_diagrams(generator.decoder, codes, joint, Topology())
            found.append(time.process_time() - begin)
        lines.append(f"| {resolution}^3 | {1000 * min(found):.0f} |")
    return lines


def fresh_codes(generator: ImplicitGenerator, count: int) -> torch.Tensor:
    """Codes z ~ N(0, I)."""
    source = torch.Generator().manual_seed(0)
    return torch.randn(count, generator.latent_size, generator=source)


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("generator", type=Path, help="weights of a pretrained shape generator")
    parser.add_argument("--count", type=int, default=30)
    given = parser.parse_args()
    torch.set_num_threads(1)
    generator, solids = load_generator(given.generator), chairs(given.count)
    of_chairs = {n: [signed_distance_grid(s, n).values for s in solids] for n in RESOLUTIONS}
    codes = fresh_codes(generator, given.count)
    of_codes = {n: list(evaluate_on_grid(generator.decoder, codes, n)) for n in RESOLUTIONS}
    page = [
        "# The grid of the loss",
        "",
        f"Written by `python benchmarks/loss_grid.py generator.safetensors --count {given.count}`: "
        "equation (1) x 100 between diagrams of the same shapes, sum (H0 + H1 + H2), mean over "
        "shapes. A perfect f and a perfect PD cost as much in equation (8).",
        "",
        f"## {given.count} procedural chairs, by their signed distance",
        "",
        *costs(of_chairs),
        "",
        f"## Fields of a pretrained generator at {given.count} fresh codes",
        "",
        *costs(of_codes),
        "",
        "## What it costs",
        "",
        f"{CODES} codes of the same generator, one thread of {platform.machine()}:",
        "",
        *seconds(generator),
    ]
    PAGE.write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
