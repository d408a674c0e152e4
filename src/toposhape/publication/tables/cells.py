"""What tables say of a method, category and metric: means, deviations, changes, the best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from toposhape.evaluation.metrics import METRICS, Metric
from toposhape.settings.methods import Method

from .published import published


@dataclass(frozen=True)
class Cell:
    """What a table says of one method, category and metric; values in plain units.

    Attributes:
        method: its row.
        category: its group of columns.
        metric: a name of `METRICS`.
        mean: over all draws and training seeds.
        deviation: sample standard deviation, None for a single value.
        deviation_over: "seeds" where there are several (of their means), otherwise "draws".
        n: shapes in a set; the smallest one where they differ.
        published: the paper's number as printed, None if it has none.
        baseline: the row that the changes refer to, None for a baseline itself.
        change: mean / baseline's mean - 1.
        published_change: the same of the printed numbers.
        better_seeds: with several training seeds, in how many of them the method is better than
            its baseline, and how many there are; None where both are equal in all of them.
        best: whether no other method is better and some are worse (at the shown decimals).
    """

    method: str
    category: str
    metric: str
    mean: float
    deviation: float | None
    deviation_over: str
    n: int
    published: float | None = None
    baseline: str | None = None
    change: float | None = None
    published_change: float | None = None
    better_seeds: tuple[int, int] | None = None
    best: bool = False

    @property
    def shown(self) -> str:
        """The mean as it is printed."""
        return as_printed(self.mean, METRICS[self.metric])


Cells = Mapping[tuple[str, str, str], Cell]


def collect_cells(scores: pd.DataFrame, methods: Mapping[str, Method]) -> Cells:
    """Means, deviations, published numbers and changes of every method, category and metric.

    Args:
        scores: score tables, as `toposhape.evaluation.score_table.read_scores` reads them.
        methods: the run's methods; lines of others (the references) have no changes.

    Returns:
        Cells by (method, category, metric).
    """
    groups: Iterable[Any] = scores.groupby(["method", "category", "metric"])
    means: Cells = {key: _average(key, lines) for key, lines in groups}
    by_seed = scores.groupby(["method", "category", "metric", "training_seed"])["value"].mean()
    cells = {key: _compared(cell, methods, means, by_seed) for key, cell in means.items()}
    return {key: _judged(cell, methods, cells) for key, cell in cells.items()}


def cell_table(cells: Cells, methods: Sequence[str], metrics: Sequence[str]) -> pd.DataFrame:
    """The cells as a table for machines: one line each, values in the units that tables show.

    Args:
        cells: from `collect_cells`.
        methods: the rows to keep, in order.
        metrics: the metrics to keep, in order.
    """
    categories = list(dict.fromkeys(category for _, category, _ in cells))
    lines = []
    for key in ((m, c, s) for c in categories for m in methods for s in metrics):
        if key in cells:
            cell, metric = cells[key], METRICS[key[2]]
            scaled = {
                name: None if value is None else value * metric.factor
                for name, value in (("mean", cell.mean), ("deviation", cell.deviation))
            }
            lines.append({**vars(cell), **scaled, "unit": metric.unit})
    columns = ["category", "method", "metric", "unit", "mean", "deviation", "deviation_over", "n"]
    columns += ["published", "baseline", "change", "published_change", "better_seeds", "best"]
    return pd.DataFrame(lines, columns=columns)


def as_printed(value: float, metric: Metric) -> str:
    """A value as it is printed."""
    return f"{value * metric.factor:.{metric.decimals}f}"


def _average(key: tuple[str, str, str], lines: pd.DataFrame) -> Cell:
    by_seed = lines.groupby("training_seed", dropna=False)["value"].mean()
    over_seeds = len(by_seed) > 1
    values = by_seed if over_seeds else lines["value"]
    deviation = float(values.std(ddof=1)) if len(values) > 1 else None
    over = "seeds" if over_seeds else "draws"
    return Cell(*key, float(by_seed.mean()), deviation, over, int(lines["n"].min()))


def _compared(cell: Cell, methods: Mapping[str, Method], means: Cells, by_seed: pd.Series) -> Cell:
    if cell.method not in methods:
        return cell
    settings = methods[cell.method]
    printed = published(settings.published, cell.category, cell.metric)
    base, base_printed = None, None
    if settings.baseline is not None:
        base = means.get((settings.baseline, cell.category, cell.metric))
        row = methods[settings.baseline].published
        base_printed = published(row, cell.category, cell.metric)
    return replace(
        cell,
        published=printed,
        baseline=settings.baseline,
        change=_relative(cell.mean, base.mean if base else None),
        published_change=_relative(printed, base_printed),
        better_seeds=_better_seeds(cell, base.method, by_seed) if base else None,
    )


def _better_seeds(cell: Cell, baseline: str, by_seed: pd.Series) -> tuple[int, int] | None:
    direction = METRICS[cell.metric].direction
    if cell.deviation_over != "seeds" or direction == "reference":
        return None
    ours, theirs = (by_seed[name, cell.category, cell.metric] for name in (cell.method, baseline))
    common = ours.index.intersection(theirs.index)
    gain = (theirs - ours)[common] * (1 if direction == "lower" else -1)
    return (int((gain > 0).sum()), len(common)) if gain.any() else None


def _relative(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else value / base - 1


def _judged(cell: Cell, methods: Mapping[str, Method], cells: Cells) -> Cell:
    metric = METRICS[cell.metric]
    rivals = [
        float(c.shown)
        for (method, category, name), c in cells.items()
        if method in methods and (category, name) == (cell.category, cell.metric)
    ]
    if metric.direction == "reference" or cell.method not in methods or len(set(rivals)) < 2:
        return cell
    winner = min(rivals) if metric.direction == "lower" else max(rivals)
    return replace(cell, best=float(cell.shown) == winner)
