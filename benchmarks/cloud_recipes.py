"""The published recipe of ShapeGF against the default one, in equal processor time.

    OMP_NUM_THREADS=1 python benchmarks/cloud_recipes.py results/chairs [--seeds 3]

Both have networks of one width and depth: at the published size the time ends within ten steps.
The default is trained first; the published recipe then gets as many epochs as fit into the same
processor seconds. Shapes are encoded and sampled anew, and their Chamfer distance is divided by the
oracle's, that of two draws of a shape's own points. Also prints seconds a cloud of 2,048 points.
docs/point_clouds.md quotes it.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from validation_scores import Prepared

from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.generators.gradient_fields.generator import GradientFieldGenerator
from toposhape.generators.gradient_fields.priors import GaussianPrior
from toposhape.generators.gradient_fields.store import load_gradient_field
from toposhape.generators.gradient_fields.training import train_gradient_field
from toposhape.jobs.point_clouds import SAMPLERS
from toposhape.settings.gradient_fields import GradientFields, PointSampler
from toposhape.shapes.prepared import PreparedShapes

PUBLISHED = {
    "encoder": {"batch_norm": True},
    "denoiser": {
        "conditioning": "batch_norm", "code_with_point": True, "octaves": 0, "scaled": False,
    },
    "training": {
        "optimiser": "adam", "learning_rate": 1e-3, "warmup_epochs": 0, "averaging": 0,
        "points": 512, "encoded_points": 512, "levels": 10, "levels_per": "shape",
        "weight": "published",
    },
}  # fmt: skip
"""What differs from the default, but for the networks' sizes."""
COMPARED = 32  # shapes of each part
OWN, PAPER = "ancestral, 24", "Langevin, 10 x 10"  # samplers
POINTS = 2048
PROBE = 4  # epochs by which the time of one is known


class Parts(NamedTuple):
    """Shapes of a split as clouds."""

    sources: CloudSources
    test: CloudSource
    surfaces: PreparedShapes

    @classmethod
    def of(cls, prepared: Prepared) -> "Parts":
        """From a category's folder of prepared shapes."""
        surfaces = prepared.rows("surface")
        training, validation, test = (
            CloudSource(surfaces, prepared.split[part])
            for part in ("training", "validation", "test")
        )
        return cls(CloudSources(training, validation), test, surfaces)


def trained(
    parts: Parts, settings: GradientFields, seed: int, epochs: int, folder: Path
) -> tuple[GradientFieldGenerator, float]:
    """The first stage after some epochs, and its processor seconds."""
    started = time.process_time()
    train_gradient_field(
        parts.sources, settings.encoder, settings.denoiser,
        settings.training.model_copy(update={"epochs": epochs}), seed=(seed,),
        checkpoints=folder / "checkpoints", weights=folder / "field.safetensors",
        metadata=folder / "field.json", history=folder / "history.csv",
    )  # fmt: skip
    seconds = time.process_time() - started
    first = load_gradient_field(folder / "field.safetensors")
    prior = GaussianPrior(settings.encoder.latent_size)  # draws nothing here
    return GradientFieldGenerator(first, prior, settings.sampler, settings.surface, {}), seconds


def ratio_to_oracle(
    generator: GradientFieldGenerator, source: CloudSource, surfaces: PreparedShapes
) -> float:
    """Chamfer distance of auto-encoded shapes over that of another draw of their points."""
    made, oracle = 0.0, 0.0
    for place in range(min(COMPARED, len(source))):
        truth = source.measured(place, POINTS, 0)
        code = generator.encode(surfaces[source.shapes[place]])
        made += chamfer_distance(generator.cloud(code, POINTS, str(place)), truth)
        oracle += chamfer_distance(source.measured(place, POINTS, 1), truth)
    return made / oracle


def show(name: str, generator: GradientFieldGenerator, parts: Parts, sampler: str) -> None:
    """Print a line: ratios of training and test shapes."""
    made = replace(generator, sampler=PointSampler(**SAMPLERS[sampler]))
    ratios = (
        f"{ratio_to_oracle(made, source, parts.surfaces):.2f}"
        for source in (parts.sources.training, parts.test)
    )
    print(f"| {name} | {sampler} | {' | '.join(ratios)} |", flush=True)


def cloud_seconds(generator: GradientFieldGenerator) -> Mapping[str, float]:
    """Processor seconds of a cloud, the median of five, by sampler."""
    code = torch.zeros(generator.latent_size)
    found = {}
    for name, sampler in SAMPLERS.items():
        made = replace(generator, sampler=PointSampler(**sampler))
        taken = []
        for key in "abcde":
            started = time.process_time()
            made.cloud(code, POINTS, key)
            taken.append(time.process_time() - started)
        found[name] = statistics.median(taken)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="of a run with prepared shapes")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    parts = Parts.of(Prepared.of(given.results, given.category))
    ours, published = GradientFields(), GradientFields.model_validate(PUBLISHED)
    print("| recipe, seed | epochs | processor s | sampler | training | test |")
    print("| --- | --- | --- | --- | --- | --- |")
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            epochs = ours.training.epochs
            own, budget = trained(parts, ours, seed, epochs, Path(folder, "own"))
            show(f"default, {seed} | {epochs} | {budget:.0f}", own, parts, OWN)
            _, probed = trained(parts, published, seed, PROBE, Path(folder, "probe"))
            epochs = max(round(budget / probed * PROBE), 1)
            peer, seconds = trained(parts, published, seed, epochs, Path(folder, "published"))
            for sampler in (OWN, PAPER):
                show(f"published, {seed} | {epochs} | {seconds:.0f}", peer, parts, sampler)
    seconds_of = ", ".join(f"{name}: {s:.2f}" for name, s in cloud_seconds(own).items())
    print(f"Processor seconds of a cloud of {POINTS:,} points: {seconds_of}.")


if __name__ == "__main__":
    main()
