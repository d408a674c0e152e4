"""Which share of the work goes to diagrams and distances: of a run, and of a consistency step.

    python benchmarks/share.py [results/furniture]

Needs a finished run. A consistency step is the part of joint training that knows topology,
equation (8): fields of fresh codes on a grid without gradient, their diagrams, the matching with
target diagrams, the field again at the critical vertices with gradient, and the backward pass.
The targets here are diagrams of training shapes. Writes docs/benchmarks_share.md.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from toposhape.evaluation.shape_sets import synthetic_sets
from toposhape.generators import evaluate_on_grid
from toposhape.publication.stage_times import stage_lines, stage_times
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology import (
    critical_values,
    diagram_distance,
    diagram_distances,
    matched_diagram_cost,
    superlevel_diagrams,
)
from toposhape.topology.tables import read_diagrams
from toposhape.training import TrainedGenerator, load_generator
from toposhape.training.objectives import data_loss
from toposhape.training.samples import SampleSource

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks_share.md"
CODES, RESOLUTION, STEPS = 4, 48, 12
DATA_SHAPES, DATA_POINTS = 8, 256


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what passes within."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


def consistency_step(
    generator: TrainedGenerator, samples: SampleSource, targets: list, watch: Stopwatch
) -> None:
    """One data term and one consistency term, forward and backward."""
    decoder = generator.decoder
    with watch.stage("data term, forward and backward"):
        source = torch.Generator().manual_seed(0)
        points, distances = samples.draw(range(DATA_SHAPES), DATA_POINTS, source)
        codes = generator.codes.means[:DATA_SHAPES].detach()
        data_loss(decoder(points, codes), distances).backward()
    codes = torch.randn(CODES, decoder.latent_size)
    with watch.stage("fields on the grid"):
        fields = evaluate_on_grid(decoder, codes, RESOLUTION)
    with watch.stage("diagrams"):
        diagrams = superlevel_diagrams(-fields, min_persistence=0.01, threads=1)
    loss = torch.zeros(())
    for code, diagram, target in zip(codes, diagrams, targets, strict=True):
        with watch.stage("matching"):
            pairs = [
                diagram_distance(p, q, return_matching=True)[1]
                for p, q in zip(diagram.points, target.points, strict=True)
            ]
        with watch.stage("critical vertices, forward"):
            values = critical_values(
                lambda x, z=code: -decoder(x[None], z[None])[0],
                diagram.vertices,
                (RESOLUTION,) * 3,
            )
        for value, goal, matching in zip(values, target.points, pairs, strict=True):
            loss = loss + matched_diagram_cost(value, torch.from_numpy(goal), matching)
    with watch.stage("critical vertices, backward"):
        loss.backward()


def step_table(run: Path, category: str, method: str) -> list[str]:
    """Seconds and shares of the stages of a step."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    shapes = run / "shapes" / category
    split = json.loads((shapes / "split.json").read_text())
    generator = load_generator(
        run / "generators" / category / method / "seed0" / "generator.safetensors"
    )
    rows = PreparedShapes(shapes / "manifest.csv", sorted(shapes.glob("batches/*/samples.npy")))
    samples = SampleSource(rows, split["training"][:DATA_SHAPES])
    targets = read_diagrams(shapes / "diagrams.parquet", split["training"][:CODES])
    consistency_step(generator, samples, targets, Stopwatch())
    watch = Stopwatch()
    for _ in range(STEPS):
        consistency_step(generator, samples, targets, watch)
    total = sum(watch.seconds.values())
    lines = ["| stage | ms a step | share |", "| --- | ---: | ---: |"]
    for name, seconds in watch.seconds.items():
        lines.append(f"| {name} | {1000 * seconds / STEPS:.1f} | {100 * seconds / total:.1f} % |")
    both = watch.seconds["diagrams"] + watch.seconds["matching"]
    lines.append(f"| **diagrams and matching** | **{1000 * both / STEPS:.1f}** | "
                 f"**{100 * both / total:.1f} %** |")  # fmt: skip
    return lines


def topology_seconds(run: Path) -> tuple[float, float]:
    """Seconds for all diagrams and for all distances of a run, from measured parts of it."""
    diagrams = distances = 0.0
    for category in sorted((run / "shapes").iterdir()):
        grids = np.concatenate(
            [np.load(f, mmap_mode="r") for f in sorted(category.glob("batches/*/grid.npy"))[:1]]
        )
        superlevel_diagrams(-grids[:1], threads=1)
        begin = time.perf_counter()
        superlevel_diagrams(-grids, threads=1)
        each = (time.perf_counter() - begin) / len(grids)
        synthetic = sorted((run / "synthetic" / category.name).glob("*/seed*"))
        fields = sum(np.prod(np.load(s / "codes.npy", mmap_mode="r").shape[:2]) for s in synthetic)
        shapes = len(PreparedShapes(category / "manifest.csv", []))
        diagrams += each * (fields + shapes)
        for folder in synthetic:
            sets = synthetic_sets(
                folder / "diagrams.parquet", folder / "surfaces.npy", folder / "topology.csv"
            )
            begin = time.perf_counter()
            for each_set in sets:
                diagram_distances(each_set.diagrams, each_set.diagrams[::-1], threads=1)
                diagram_distances(each_set.diagrams, threads=1)
            distances += time.perf_counter() - begin
    return diagrams, distances


def main() -> None:
    """Measure and write the page."""
    run = Path(sys.argv[1] if len(sys.argv) > 1 else "results/furniture")
    category = sorted((run / "generators").iterdir())[0].name
    method = sorted((run / "generators" / category).iterdir())[-1].name
    times = stage_times(run / "times")
    total = times["processor_seconds"].sum()
    diagrams, distances = topology_seconds(run)
    share = 100 * (diagrams + distances) / total
    page = [
        "# The share of topology",
        "",
        f"Written by `python benchmarks/share.py results/{run.name}`, on {os.cpu_count()} cores. "
        "Each measurement is on one thread.",
        "",
        "## A consistency step",
        "",
        f"{CODES} codes on a grid of {RESOLUTION}^3 beside {DATA_SHAPES} x {DATA_POINTS} samples, "
        f"network of {method}, {category}; the mean of {STEPS} steps.",
        "",
        *step_table(run, category, method),
        "",
        "## A whole run",
        "",
        f"All diagrams of the run take {diagrams:.0f} s and all their distances {distances:.0f} s "
        f"of its {total:.0f} s of processor time: **{share:.1f} %**.",
        "",
        *stage_lines(times),
    ]
    PAGE.write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
