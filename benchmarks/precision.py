"""What bfloat16 does to a pretraining: its losses at the end, as lines of docs/gpu.md.

    OMP_NUM_THREADS=1 python benchmarks/precision.py [results/furniture] [--epochs 60]

Needs the prepared chairs of a run; settings are those of config.yaml. Seeds 0 and 1 take a core
several minutes. With --device cuda they run on a GPU, and TF32 is tried too.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
import yaml

from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.learning.seeds import choose_device
from toposhape.settings.run import Config, read_config
from toposhape.shapes.prepared import PreparedShapes

ROOT = Path(__file__).parents[1]


def losses(
    config: Config, run: Path, variant: str, seed: int, device: torch.device
) -> tuple[float, float]:
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
            history=folder / "history.csv", device=device,
        )  # fmt: skip
        head, *_, last = (folder / "history.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(head.split(","), last.split(","), strict=True))
    return 100 * float(row["data"]), 100 * float(row["validation"])


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "furniture")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="cpu")
    given = parser.parse_args()
    device = choose_device(given.device)
    torch.set_num_threads(1)
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    print("| | seed | data | validation |\n| --- | ---: | ---: | ---: |")
    for variant, seeds in {"DeepSDF": (0, 1), "DeepSDF-SE": (0,)}.items():
        for precision in ("float32", *(["tf32"] if device.type == "cuda" else []), "bfloat16"):
            changed = {"precision": precision, "max_epochs": given.epochs}
            settings["shape_generator"]["training"].update(changed)
            for seed in seeds:
                config = read_config(settings)
                data, validation = losses(config, given.run, variant, seed, device)
                print(f"| {variant}, {precision} | {seed} | {data:.2f} | {validation:.2f} |")


if __name__ == "__main__":
    main()
