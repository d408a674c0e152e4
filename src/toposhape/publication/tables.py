"""Tables 1 and 2 and the table of every score, from score tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from toposhape.config import Method
from toposhape.evaluation.metrics import METRICS, Metric
from toposhape.evaluation.score_table import EMPTY, FLOOR, MEDOID, REFERENCES, TEST

from .layout import Document, Entry, Group, Layout, Row, signed_percent
from .published import published

HEADLINE = ("cd_nearest", "pd_lap")
PARTS = ("pd_lap_h0", "pd_lap_h1", "pd_lap_h2")
_BELOW = (
    "With each value: its change against the row's baseline; then the paper's number and the "
    "paper's change."
)
LABELS = {FLOOR: "floor (training shapes)"}


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
        best: whether no other method is better (at the shown decimals).
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
        return _shown(self.mean, METRICS[self.metric])


Cells = Mapping[tuple[str, str, str], Cell]


def collect_cells(scores: pd.DataFrame, methods: Mapping[str, Method]) -> Cells:
    """Means, deviations, published numbers and changes of every method, category and metric.

    Args:
        scores: score tables, as `toposhape.evaluation.score_table.read_scores` reads them.
        methods: the run's methods; lines of others (the references) have no changes.

    Returns:
        Cells by (method, category, metric).
    """
    means = {
        key: _average(key, lines) for key, lines in scores.groupby(["method", "category", "metric"])
    }
    by_seed = scores.groupby(["method", "category", "metric", "training_seed"])["value"].mean()
    cells = {key: _compared(cell, methods, means, by_seed) for key, cell in means.items()}
    return {key: _judged(cell, methods, cells) for key, cell in cells.items()}


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
    return Cell(
        **{
            **vars(cell),
            "published": printed,
            "baseline": settings.baseline,
            "change": _relative(cell.mean, base.mean if base else None),
            "published_change": _relative(printed, base_printed),
            "better_seeds": _better_seeds(cell, settings.baseline, by_seed) if base else None,
        }
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
    if metric.direction == "reference" or cell.method not in methods or len(rivals) < 2:
        return cell
    winner = min(rivals) if metric.direction == "lower" else max(rivals)
    return Cell(**{**vars(cell), "best": float(cell.shown) == winner})


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
            lines.append({**vars(cell), **scaled, "unit": metric.unit, "seen": cell.shown})
    columns = ["category", "method", "metric", "unit", "mean", "deviation", "deviation_over", "n"]
    columns += ["published", "baseline", "change", "published_change", "better_seeds", "best"]
    return pd.DataFrame(lines, columns=columns)


def table1(cells: Cells, methods: Mapping[str, Method], categories: Sequence[str]) -> Document:
    """The paper's table 1: CD-mean and PD-LAP of every method and category, and the floor.

    Args:
        cells: from `collect_cells`.
        methods: the rows, in order.
        categories: the groups of columns, in order.
    """
    caption = (
        "How far synthetic shapes are from test shapes: in geometry (CD-mean, x 1000) and in "
        f"topology (PD-LAP, x 100); lower is better, the best is bold. {_BELOW}"
    )
    layout = _by_category(
        cells, methods, categories, HEADLINE, [METRICS[m].title for m in HEADLINE]
    )
    notes = (*_definitions(HEADLINE), *_remarks(cells, categories))
    return Document("table1", "Table 1: geometry and topology", caption, (layout,), notes)


def table2(cells: Cells, methods: Mapping[str, Method], categories: Sequence[str]) -> Document:
    """The paper's table 2: PD-LAP of pieces, handles and cavities alone, and the floor.

    Args:
        cells: from `collect_cells`.
        methods: the rows, in order.
        categories: the groups of columns, in order.
    """
    caption = (
        "PD-LAP (x 100) of each degree alone: H0 are pieces, H1 handles, H2 cavities; lower is "
        f"better, the best is bold. {_BELOW}"
    )
    layout = _by_category(cells, methods, categories, PARTS, ["H0", "H1", "H2"])
    notes = (
        "PD-LAP H0, H1, H2: mean cost of the optimal one-to-one assignment between n synthetic and "
        "n test shapes (equation 2), where only the diagrams' points of that degree count. Each "
        "degree has an assignment of its own, so that the three never sum to more than PD-LAP in "
        "table 1.",
        *_remarks(cells, categories),
    )
    return Document("table2", "Table 2: pieces, handles, cavities", caption, (layout,), notes)


def details_table(
    cells: Cells, methods: Mapping[str, Method], categories: Sequence[str]
) -> Document:
    """Every score of every method and reference, a table for each category.

    Args:
        cells: from `collect_cells`.
        methods: the columns, in order.
        categories: the tables, in order.
    """
    columns = [*methods, FLOOR, MEDOID, EMPTY, TEST]
    tables = tuple(_details_of(cells, category, columns) for category in categories)
    caption = (
        "Every score that was taken: those of tables 1 and 2, the three readings of CD-mean, and "
        "what neither sees. The columns after the methods are no generators: they say what a "
        "number is worth."
    )
    notes = (*_definitions(METRICS), *_remarks(cells, categories))
    return Document("details", "Every score", caption, tables, notes)


def _by_category(
    cells: Cells,
    methods: Mapping[str, Method],
    categories: Sequence[str],
    metrics: Sequence[str],
    titles: Sequence[str],
) -> Layout:
    """A row for each method and the floor, a group of the metrics' columns for each category."""
    groups = tuple(Group(c, tuple(f"{title} ↓" for title in titles)) for c in categories)
    keys = [(category, metric) for category in categories for metric in metrics]
    return Layout("", "method", groups, _rows(cells, [*methods, FLOOR], keys, methods))


def _details_of(cells: Cells, category: str, columns: Sequence[str]) -> Layout:
    arrows = {"lower": " ↓", "higher": " ↑", "reference": ""}
    present = [c for c in columns if any((c, category, m) in cells for m in METRICS)]
    rows = tuple(
        Row(
            f"{metric.title}{arrows[metric.direction]} ({metric.unit})",
            tuple(_entry(cells.get((column, category, metric.name))) for column in present),
        )
        for metric in METRICS.values()
        if any((column, category, metric.name) in cells for column in present)
    )
    return Layout(category, "score", (Group("", tuple(present)),), rows)


def _rows(
    cells: Cells,
    labels: Sequence[str],
    keys: Sequence[tuple[str, str]],
    methods: Mapping[str, Method],
) -> tuple[Row, ...]:
    return tuple(
        Row(
            LABELS.get(label, label),
            tuple(_entry(cells.get((label, *key))) for key in keys),
            aside=label not in methods,
        )
        for label in labels
    )


def _entry(cell: Cell | None) -> Entry | None:
    if cell is None:
        return None
    deviation = "" if cell.deviation is None else _shown(cell.deviation, METRICS[cell.metric])
    is_share = METRICS[cell.metric].unit == "%"  # a change of a percentage in percent misleads
    change = "" if is_share else signed_percent(cell.change)
    seeds = "{}/{} seeds".format(*cell.better_seeds) if cell.better_seeds else ""
    below = [", ".join(filter(None, (change, seeds)))]
    if cell.published is not None:
        change = signed_percent(cell.published_change)
        below.append(f"paper {cell.published:.2f}" + (f", {change}" if change else ""))
    return Entry(cell.shown, deviation, tuple(filter(None, below)), cell.best)


def _shown(value: float, metric: Metric) -> str:
    return f"{value * metric.factor:.{metric.decimals}f}"


def _definitions(metrics: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{METRICS[m].title}: {METRICS[m].definition}." for m in metrics)


def _remarks(cells: Cells, categories: Sequence[str]) -> tuple[str, ...]:
    headline = [cell for cell in cells.values() if cell.metric == "pd_lap"]
    over = {cell.deviation_over for cell in headline if cell.method not in REFERENCES}
    over = " or, of a single training, over ".join(
        words for kind, words in (("seeds", "training seeds"), ("draws", "draws")) if kind in over
    )
    sizes = {c: sorted({x.n for x in headline if x.category == c}) for c in categories}
    counts = ", ".join(f"{c} {'/'.join(map(str, n))}" for c, n in sizes.items())
    remarks = [
        f"±: standard deviation over {over} of n shapes each. n: {counts}; scores depend on n and "
        "are comparable only at equal n.",
        "Floor: sets of training shapes scored like synthetic ones. Equally many shapes from the "
        "right distribution score about this; a row below it lacks variety rather than being "
        "better than real shapes.",
    ]
    if any(cell.better_seeds for cell in cells.values()):
        remarks.append(
            "k/n seeds: with the same seed, the method is better than its baseline in k of n "
            "trainings."
        )
    if any(cell.published is not None for cell in cells.values()):
        remarks.append(
            "Paper: as printed, on ShapeNet, with undisclosed n and grid; its absolute numbers do "
            "not compare with these, only its relative changes may. Its table 2 sums to more than "
            "its table 1, which equation 2 does not allow."
        )
    return tuple(remarks)
