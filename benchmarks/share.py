"""Where the time goes: of a step of joint training, and of a whole run.

    python benchmarks/share.py [results/furniture]

Needs a finished run. A step of joint training is: the data term (13) with its gradient; fields of
fresh codes on the loss grid without gradient, their diagrams, the matching with the generated
diagrams, the field again at the critical vertices with gradient; and its share of the epochs of
the diagram generator (14) and of the codes (15). Writes docs/records/benchmarks_share.md.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import yaml

from toposhape.evaluation.shape_sets import synthetic_sets
from toposhape.generators import evaluate_on_grid, generated_diagrams
from toposhape.generators.diagrams.pretraining import stored_points
from toposhape.generators.diagrams.store import Diagrams, load_diagram_generator
from toposhape.generators.implicit.fields import TRAINING_TOLERANCE, fast_dtype
from toposhape.generators.implicit.objectives import data_loss
from toposhape.generators.implicit.samples import SampleSource
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.critical_points import FieldDiagrams
from toposhape.generators.joint.epochs import code_epoch, diagram_epoch
from toposhape.generators.joint.state import JointState
from toposhape.generators.joint.terms import JointSettings
from toposhape.generators.joint.training import joint_schedule
from toposhape.publication.stage_times import stage_lines, stage_times
from toposhape.settings.run import read_config
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology import (
    critical_values,
    diagram_distance,
    diagram_distances,
    matched_diagram_cost,
    superlevel_diagrams,
)
from toposhape.topology.tables import read_diagrams

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "records" / "benchmarks_share.md"
METHOD = "Ours-DeepSDF-SE"
STEPS = 14


class Stopwatch:
    """Processor time by stage [s]."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what passes within."""
        begin = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - begin


class Trained(NamedTuple):
    """What a step of joint training works on."""

    state: JointState
    samples: SampleSource
    truth: Diagrams
    settings: JointSettings


def load(run: Path, category: str, method: str) -> Trained:
    """The jointly trained generators of a run, with the settings of config.yaml."""
    config = read_config(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")))
    shapes = run / "shapes" / category
    folder = run / "trained" / category / method / "seed0"
    generator = load_generator(folder / "generator.safetensors")
    diagrams = load_diagram_generator(folder / "diagrams.safetensors").diagrams
    rows = PreparedShapes(shapes / "manifest.csv", sorted(shapes.glob("batches/*/samples.npy")))
    settings = JointSettings(
        config.joint_training,
        config.methods[method].topology,
        config.variants[config.methods[method].variant],
        config.shape_generator.training,
        config.diagram_generator.training,
        config.topology,
    )
    return Trained(
        JointState(
            generator.decoder,
            generator.codes,
            diagrams,
            settings.joint,
            joint_schedule(settings.joint, STEPS),
        ),
        SampleSource(rows, generator.shape_ids),
        stored_points(read_diagrams(shapes / "diagrams.parquet", generator.shape_ids)),
        settings,
    )


def shape_step(trained: Trained, source: torch.Generator, watch: Stopwatch) -> FieldDiagrams:
    """One step of theta, in parts."""
    state, settings = trained.state, trained.settings
    decoder, joint, least = state.decoder, settings.joint, settings.topology.min_persistence
    with watch.stage("data term, forward and backward"):
        batch = torch.randperm(len(trained.samples), generator=source)
        batch = batch[: settings.shapes.shapes_per_batch]
        points, distances = trained.samples.draw(
            batch.tolist(), settings.shapes.samples_per_shape, source
        )
        codes = state.codes.sample(batch, source).detach()
        data_loss(decoder(points, codes), distances).backward()
    codes = torch.randn(joint.consistency_codes, decoder.latent_size, generator=source)
    with watch.stage("generated diagrams"):
        targets = generated_diagrams(state.diagram_generator, codes, least)
    with watch.stage("fields on the grid"):
        fields = evaluate_on_grid(
            decoder, codes, joint.grid, tolerance=TRAINING_TOLERANCE, dtype=fast_dtype("cpu")
        )
    with watch.stage("diagrams"):
        diagrams = superlevel_diagrams(-fields, min_persistence=least, threads=1)
    loss = torch.zeros(())
    for code, diagram, target in zip(codes, diagrams, targets, strict=True):
        with watch.stage("critical vertices, forward"):
            values = critical_values(
                lambda x, z=code: -decoder(x[None], z[None])[0],
                diagram.vertices,
                (joint.grid,) * 3,
            )
        for value, goal in zip(values, target, strict=True):
            with watch.stage("matching"):
                given = value.detach().numpy()
                given = np.stack([given[:, 0], given.max(axis=1)], axis=1)
                matching = diagram_distance(given, goal, return_matching=True)[1]
            with watch.stage("critical vertices, forward"):
                loss = loss + matched_diagram_cost(value, torch.from_numpy(goal), matching)
    with watch.stage("critical vertices, backward"):
        loss.backward()
    return FieldDiagrams(codes, diagrams, (0.0, 0.0))


def step_table(run: Path, category: str, method: str) -> list[str]:
    """Seconds and shares of the parts of a step, the two other epochs' share of it included."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    trained = load(run, category, method)
    source = torch.Generator().manual_seed(0)
    shape_step(trained, source, Stopwatch())
    watch = Stopwatch()
    found = [shape_step(trained, source, watch) for _ in range(STEPS)]
    state, settings = trained.state, trained.settings
    with watch.stage("epoch of the diagram generator, its share"):
        diagram_epoch(state, trained.truth, found, settings, (0,))
    with watch.stage("epoch of the codes, its share"):
        code_epoch(state, trained.samples, trained.truth, settings, (0,))
    batches = -(-len(trained.samples) // settings.shapes.shapes_per_batch)
    watch.seconds["epoch of the codes, its share"] *= STEPS / batches
    total = sum(watch.seconds.values())
    lines = ["| part | ms a step | share |", "| --- | ---: | ---: |"]
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
    category = sorted((run / "trained").iterdir())[0].name
    times = stage_times(run / "times")
    total = times["processor_seconds"].sum()
    diagrams, distances = topology_seconds(run)
    share = 100 * (diagrams + distances) / total
    page = [
        "# Where the time goes",
        "",
        f"Written by `python benchmarks/share.py results/{run.name}`, on {os.cpu_count()} cores. "
        "Processor time on one thread.",
        "",
        "## A step of joint training",
        "",
        f"Mean of {STEPS} steps of {METHOD}, {category}, settings of config.yaml.",
        "",
        *step_table(run, category, METHOD),
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
