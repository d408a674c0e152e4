"""The paper's theory, part by part: run one with all its seeds, and gather all parts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toposhape.base.files import whole
from toposhape.base.tables import read_table
from toposhape.settings.theory import Theory
from toposhape.theory import run_part


def run_theory(
    name: str, settings: Mapping[str, Any], numbers: str | Path, pictures: str | Path
) -> None:
    """Run a part once for each seed.

    Args:
        name: one of `toposhape.theory.PARTS`.
        settings: values of `Theory`, the seeds and those of `KEYS` at least.
        numbers: CSV file to be written: part, seed, name, value.
        pictures: npz file to be written: arrays by name, of the first seed.
    """
    given = Theory(**settings)
    outcomes = {seed: run_part(name, given, seed) for seed in given.seeds}
    lines = [
        (name, seed, number, value)
        for seed, outcome in outcomes.items()
        for number, value in outcome.numbers.items()
    ]
    with whole(numbers) as file:
        pd.DataFrame(lines, columns=["part", "seed", "name", "value"]).to_csv(file, index=False)
    with whole(pictures) as file, file.open("wb") as stream:
        np.savez(stream, **outcomes[given.seeds[0]].pictures)


def gathered_parts(files: Iterable[str | Path]) -> pd.DataFrame:
    """Return all numbers of some parts, with columns part, seed, name, value."""
    columns = ("part", "seed", "name", "value")
    tables = [read_table(file, texts=("part", "name"), needed=columns) for file in files]
    return pd.concat(tables, ignore_index=True)
