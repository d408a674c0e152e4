"""What bfloat16 does to a pretraining: its losses at the end, as lines of docs/gpu.md.

    OMP_NUM_THREADS=1 python benchmarks/precision.py [results/furniture] [--epochs 60]

Needs the prepared chairs of a run; settings are those of config.yaml. Seeds 0 and 1 take a core
several minutes.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
import yaml

from toposhape.config import Config, read_config
from toposhape.shapes.prepared import PreparedShapes
from toposhape.training import train_shape_generator

ROOT = Path(__file__).parents[1]


def losses(config: Config, run: Path, variant: str, seed: int) -> tuple[float, float]:
    """Data and validation loss x 100 at the end of a training."""
    shapes = run / "shapes" / "chair"
    split = json.loads((shapes / "split.json").read_text(encoding="utf-8"))
    rows = PreparedShapes(shapes / "manifest.csv", sorted(shapes.glob("batches/*/samples.npy")))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train_shape_generator(
            rows, split["training"], split["validation"], config.shape_generator,
            config.variants[variant], seed=(config.seed, seed), checkpoints=folder,
            weights=folder / "generator.safetensors", metadata=folder / "generator.json",
            history=folder / "history.csv",
        )  # fmt: skip
        head, *_, last = (folder / "history.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(head.split(","), last.split(","), strict=True))
    return 100 * float(row["data"]), 100 * float(row["validation"])


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "furniture")
    parser.add_argument("--epochs", type=int, default=60)
    given = parser.parse_args()
    torch.set_num_threads(1)
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    print("| | seed | data | validation |\n| --- | ---: | ---: | ---: |")
    for variant, seeds in {"DeepSDF": (0, 1), "DeepSDF-SE": (0,)}.items():
        for precision in ("float32", "bfloat16"):
            changed = {"precision": precision, "max_epochs": given.epochs}
            settings["shape_generator"]["training"].update(changed)
            for seed in seeds:
                data, validation = losses(read_config(settings), given.run, variant, seed)
                print(f"| {variant}, {precision} | {seed} | {data:.2f} | {validation:.2f} |")


if __name__ == "__main__":
    main()
