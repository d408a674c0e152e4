"""What bfloat16 does to 3DShape2VecSet's trainings, as lines of docs/vector_sets.md.

    OMP_NUM_THREADS=1 python benchmarks/precision_vector_sets.py [results/furniture] [--epochs 60]

Needs the prepared chairs of a run; settings are those of config.yaml. Takes a core a quarter of an
hour.
"""

import argparse
import csv
import json
import tempfile
from pathlib import Path

import torch
import yaml

from toposhape.generators.vector_sets.autoencoder_training import train_vector_set_autoencoder
from toposhape.generators.vector_sets.data import OccupancySource, ShapeSources
from toposhape.generators.vector_sets.diffusion_training import train_set_diffusion
from toposhape.settings.run import read_config
from toposhape.settings.vector_sets import VectorSets
from toposhape.shapes.prepared import PreparedShapes

ROOT = Path(__file__).parents[1]


def chairs(run: Path) -> ShapeSources:
    """Training and validation chairs of a run."""
    shapes = run / "shapes" / "chair"
    split = json.loads((shapes / "split.json").read_text(encoding="utf-8"))
    rows = [
        PreparedShapes(shapes / "manifest.csv", sorted(shapes.glob(f"batches/*/{name}.npy")))
        for name in ("samples", "grid", "surface")
    ]
    return ShapeSources(*(OccupancySource(*rows, split[p]) for p in ("training", "validation")))


def learned(settings: VectorSets, shapes: ShapeSources, seed: int) -> list[float]:
    """Intersection over union of training and validation shapes; the denoiser's losses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {
            stage: {
                "weights": folder / f"{stage}.safetensors",
                "metadata": folder / f"{stage}.json",
                "history": folder / f"{stage}.csv",
                "checkpoints": folder / stage,
                "seed": (0, seed),
            }
            for stage in ("autoencoder", "denoiser")
        }
        train_vector_set_autoencoder(
            shapes, settings.autoencoder, settings.autoencoder_training, **files["autoencoder"]
        )
        train_set_diffusion(
            folder / "autoencoder.safetensors", shapes, settings.denoiser,
            settings.diffusion_training, **files["denoiser"],
        )  # fmt: skip
        found = json.loads((folder / "autoencoder.json").read_text(encoding="utf-8"))["volume_iou"]
        with (folder / "denoiser.csv").open(encoding="utf-8") as file:
            *_, last = csv.DictReader(file)
    return [*found.values(), float(last["loss"]), float(last["validation"])]


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "furniture")
    parser.add_argument("--epochs", type=int, default=60)
    given = parser.parse_args()
    torch.set_num_threads(1)
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    shapes = chairs(given.run)
    print("| | seed | training IoU | validation IoU | denoiser's loss | validation |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for precision in ("float32", "bfloat16"):
        for stage in ("autoencoder_training", "diffusion_training"):
            changed = {"precision": precision, "epochs": given.epochs}
            settings["vector_sets"][stage].update(changed)
        sets = read_config(settings).vector_sets
        for seed in (0, 1):
            cells = " | ".join(f"{value:.3f}" for value in learned(sets, shapes, seed))
            print(f"| {precision} | {seed} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
