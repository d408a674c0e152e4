"""Tables 1 and 2 and the table of every score, as documents."""

from collections.abc import Iterable, Mapping, Sequence

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import FLOOR, REFERENCES
from toposhape.settings.methods import Method

from .cells import Cell, Cells, as_printed
from .layout import Document, Entry, Group, Layout, Row, signed_percent

HEADLINE = ("cd_nearest", "pd_lap")
PARTS = ("pd_lap_h0", "pd_lap_h1", "pd_lap_h2")
_BELOW = (
    "With each value: its change against the row's baseline; then the paper's number and the "
    "paper's change."
)
LABELS = {FLOOR: "floor (training shapes)"}


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
    columns = [*methods, *REFERENCES]
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
    deviation = "" if cell.deviation is None else as_printed(cell.deviation, METRICS[cell.metric])
    is_share = METRICS[cell.metric].unit == "%"  # a change of a percentage in percent misleads
    change = "" if is_share else signed_percent(cell.change)
    seeds = "{}/{} seeds".format(*cell.better_seeds) if cell.better_seeds else ""
    below = [", ".join(filter(None, (change, seeds)))]
    if cell.published is not None:
        change = signed_percent(cell.published_change)
        below.append(f"paper {cell.published:.2f}" + (f", {change}" if change else ""))
    return Entry(cell.shown, deviation, tuple(filter(None, below)), cell.best)


def _definitions(metrics: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{METRICS[m].title}: {METRICS[m].definition}." for m in metrics)


def _remarks(cells: Cells, categories: Sequence[str]) -> tuple[str, ...]:
    headline = [cell for cell in cells.values() if cell.metric == "pd_lap"]
    kinds = {cell.deviation_over for cell in headline if cell.method not in REFERENCES}
    over = " or, of a single training, over ".join(
        words for kind, words in (("seeds", "training seeds"), ("draws", "draws")) if kind in kinds
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
