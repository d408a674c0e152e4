"""The numbers that the paper prints, with their source: exactly as printed, never corrected.

They contradict each other in places (docs/readings.md, reading 16); they are here to be compared
with, not to be trusted.
"""

from functools import cache
from importlib.resources import files

import pandas as pd


@cache
def published_numbers() -> pd.DataFrame:
    """All printed scores.

    Returns:
        Columns `source` (table of the paper), `row` and `column` as printed there (table 1's
        "3DShape3VecSet" is spelled as everywhere else), `category`, `metric` (a name of
        `toposhape.evaluation.metrics.METRICS`) and `printed`, the number.
    """
    resource = files("toposhape.publication.tables") / "published_numbers.csv"
    with resource.open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


def published(row: str | None, category: str, metric: str) -> float | None:
    """The printed number, or None where the paper has none.

    Args:
        row: the row of the paper's table, as printed; None for methods that are not in it.
        category: chair, table or sofa.
        metric: a name of `METRICS`.
    """
    table = published_numbers()
    line = table[(table.row == row) & (table.category == category) & (table.metric == metric)]
    return None if line.empty else float(line.printed.iloc[0])
