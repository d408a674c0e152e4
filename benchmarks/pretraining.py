"""What another way to pretrain gives, on training and validation shapes: a table in Markdown.

    OMP_NUM_THREADS=1 python benchmarks/pretraining.py [results/chairs] [--category chair]
        [--variant DeepSDF] --choice 'as it is' '{}' --choice 'Muon' '{optimiser: muon}' ...

A choice is a name and what it changes in `shape_generator.training`. Needs the prepared shapes of a
run; a choice of the default size takes a core about five minutes.
"""

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd
import torch
import yaml
from validation_scores import Prepared, header, lines, truth_line

from toposhape.generators import load
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.settings.run import Config, read_config

ROOT = Path(__file__).parents[1]


def pretrain(prepared: Prepared, config: Config, variant: str, folder: Path) -> float:
    """Train a generator into a folder; returns the processor time [s]."""
    begin = time.process_time()
    train_shape_generator(
        prepared.rows("samples"), prepared.split["training"], prepared.split["validation"],
        config.shape_generator, config.variants[variant], seed=(config.seed, 0),
        checkpoints=folder / "checkpoints", weights=folder / "generator.safetensors",
        metadata=folder / "generator.json", history=folder / "history.csv",
        device=torch.device("cpu"), title=variant,
    )  # fmt: skip
    return time.process_time() - begin


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "chairs")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--variant", default="DeepSDF")
    parser.add_argument("--choice", nargs=2, action="append", required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    prepared = Prepared.of(given.run, given.category)
    reference = prepared.reference()
    print(header("choice", "processor time", "validation loss x 100"))
    print(truth_line(reference, "*these shapes*", "", ""))
    for name, change in given.choice:
        settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        settings["shape_generator"]["training"].update(yaml.safe_load(change))
        config = read_config(settings)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            seconds = pretrain(prepared, config, given.variant, folder)
            loss = pd.read_csv(folder / "history.csv")["validation"].iloc[-1]
            first = name, f"{seconds:.0f} s", f"{100 * loss:.2f}"
            generator = load(folder / "generator.safetensors")
            print(*lines(generator, config, reference, *first), sep="\n", flush=True)


if __name__ == "__main__":
    main()
