"""The TopologyLayer paper's experiments: run one, and gather all seeds of all."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toposhape.base.files import whole, write_atomically
from toposhape.layer_experiments import WITH_DIGITS, run_experiment
from toposhape.layer_experiments.digits import load_digits
from toposhape.settings.layer_experiments import LayerExperiments


def run_layer_experiment(
    name: str, seed: int, settings: Mapping[str, Any], numbers: str | Path, pictures: str | Path
) -> None:
    """Run an experiment with one seed.

    Args:
        name: one of `toposhape.layer_experiments.EXPERIMENTS`.
        seed: of all random numbers.
        settings: values of `LayerExperiments`, those of `KEYS` at least.
        numbers: JSON file to be written: experiment, seed, numbers by name.
        pictures: npz file to be written, arrays by name.
    """
    given = LayerExperiments(**settings)
    data = None
    if name in WITH_DIGITS:
        data = load_digits(given.mnist, given.train_images, given.test_images, seed)
    outcome = run_experiment(name, given, data, seed)
    content = {"experiment": name, "seed": seed, "numbers": outcome.numbers}
    write_atomically(numbers, (json.dumps(content, indent=1) + "\n").encode())
    with whole(pictures) as file, file.open("wb") as stream:
        np.savez(stream, **outcome.pictures)


def gathered_numbers(files: Iterable[str | Path]) -> pd.DataFrame:
    """Return all numbers of some runs, with columns experiment, seed, name, value."""
    lines = []
    for file in files:
        content = json.loads(Path(file).read_text(encoding="utf-8"))
        lines += [
            (content["experiment"], content["seed"], name, value)
            for name, value in content["numbers"].items()
        ]
    return pd.DataFrame(lines, columns=["experiment", "seed", "name", "value"])
