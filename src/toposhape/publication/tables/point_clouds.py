"""The ShapeGF paper's tables beside our numbers: auto-encoding, generation, topology."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.point_scores import CLOUD_METRICS
from toposhape.evaluation.score_table import FLOOR

from .layout import Document, Entry, Group, Layout, Row

ORACLE = "oracle"
TOPOLOGY = ("pd_lap", "pd_lap_h0", "pd_lap_h1", "cd_nearest", "one_piece_share", "empty_share")
PUBLISHED_UNITS = {"chamfer": "CD x 10^4", "earth_mover": "EMD x 10^2"}
DECODERS = {
    "(a)": "(a) conditional batch norm",
    "(ab)": "(ab) and shortcuts",
    "(abc)": "(abc) and it sees the point",
    "(bd)": "(bd) plain batch norm, the code enters with the point",
    "(abcd)": "(abcd) all",
}
"""Of table 8, as `jobs.letter_ablation.DECODERS` has them."""
SHEETS = {
    "true points": "outer sheet of true points",
    "auto-encoded": "outer sheet of auto-encoded points",
    "another shape": "another test shape",
}


@cache
def published_point_clouds() -> pd.DataFrame:
    """What the paper prints: table, data, row, metric, printed (as printed, in its units)."""
    resource = files("toposhape.publication.tables") / "published_point_clouds.csv"
    with resource.open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


def point_clouds_document(
    reconstruction: pd.DataFrame,
    clouds: pd.DataFrame,
    topology: pd.DataFrame,
    sheets: pd.DataFrame,
    letters: pd.DataFrame,
    ablation: pd.DataFrame,
    points: int,
    earth_mover_points: int,
    without_meshes: bool = False,
) -> Document:
    """All tables of the chapter.

    Args:
        reconstruction: as `jobs.point_clouds.reconstruct_clouds` returns it.
        clouds: score tables of clouds, of every row and of training shapes.
        topology: score tables of the same shapes' signed distances.
        sheets: as `jobs.point_clouds.measure_sheets` returns it.
        letters: as `jobs.letters.run_letters` writes them.
        ablation: as `jobs.letter_ablation.ablate_letters` writes it.
        points: of a cloud.
        earth_mover_points: of a cloud in matrices of earth mover's distances.
        without_meshes: whether the true shapes are clouds, whose diagrams are their outer sheets'.
    """
    truth = (
        ("The shapes are clouds without meshes: true diagrams are those of the outer sheets of "
         "all points of a shape, which close gaps and fill cavities as the generated ones do.",)
        if without_meshes
        else ()
    )  # fmt: skip
    return Document(
        "point_clouds",
        "Learning Gradient Fields for Shape Generation",
        "What the paper (Cai et al., ECCV 2020) prints, on ShapeNet, and what our runs give, on "
        "shapes of our own. Compare ratios to an oracle or to the row of training shapes: data, "
        "scale and, for earth mover's distances, the measure itself are not the same.",
        (
            _auto_encoding(reconstruction, letters),
            _published_auto_encoding(),
            _ablation(ablation),
            _published_ablation(),
            _decoders(ablation),
            _published_decoders(),
            _generation(clouds),
            _published_generation(),
            _topology(topology),
            _outer_sheets(sheets),
        ),
        (
            f"Auto-encoding: clouds of {points} points in the shape frame; oracle: another draw of "
            "the shape's own points. CD: Chamfer distance, mean squared distances, both ways "
            "summed. EMD: exact earth mover's distance, mean distance of the optimal assignment; "
            "published EMDs are of an approximation that is a quarter to a half too large "
            "(docs/scores.md).",
            f"Generation: earth mover's distances of {earth_mover_points} points, first set alone. "
            f"{FLOOR}: sets of training shapes, what a generator is measured by.",
            *(f"{m.title} ({m.unit}): {m.definition}." for m in CLOUD_METRICS.values()),
            "Topology: of the outer sheets' signed distances; PD-LAP and the other scores as in "
            "the run's own tables. Distances of outer sheets: equation (1) from the true diagram, "
            "x 100.",
            *truth,
        ),
    )


def chapter_data(
    reconstruction: pd.DataFrame, clouds: pd.DataFrame, topology: pd.DataFrame, sheets: pd.DataFrame
) -> pd.DataFrame:
    """The numbers of the tables: table, row, metric, value (a mean), n."""
    parts = []
    for table, frame, row, metrics in (
        ("auto-encoding", reconstruction, ["part", "sampler"], ["chamfer", "earth_mover"]),
        ("outer sheets", sheets, ["field"], ["distance", "iou", "bare_share"]),
    ):
        long = frame.melt(row, metrics, "metric").dropna()
        long["row"] = long[row].agg(", ".join, axis=1)
        parts.append(_means(table, long))
    for table, frame in (("generation", clouds), ("topology", topology)):
        parts.append(_means(table, frame.rename(columns={"method": "row"})))
    return pd.concat(parts, ignore_index=True)


def _means(table: str, long: pd.DataFrame) -> pd.DataFrame:
    found = long.groupby(["row", "metric"], sort=False)["value"].agg(["mean", "count"])
    named = found.reset_index().rename(columns={"mean": "value", "count": "n"})
    return named.assign(table=table)[["table", "row", "metric", "value", "n"]]


def _auto_encoding(reconstruction: pd.DataFrame, letters: pd.DataFrame) -> Layout:
    """Means over shapes and their ratios to the oracle's."""
    rows = []
    for (part, sampler), lines in reconstruction.groupby(["part", "sampler"], sort=False):
        of_part = reconstruction[reconstruction["part"] == part]
        same = of_part[of_part["sampler"] == ORACLE].set_index("shape").loc[lines["shape"]]
        entries = []
        for metric, factor in (("chamfer", 1000), ("earth_mover", 100)):
            mean = lines[metric].mean()
            ratio = mean / same[metric].mean()
            entries += [Entry(f"{factor * mean:.2f}"), Entry(f"{ratio:.2f}")]
        label = f"{part} shapes, {sampler} ({len(lines)})"
        rows.append(Row(label, tuple(entries), aside=sampler == ORACLE))
    sampled, best = letters["sampled"].mean(), letters["oracle"].mean()
    plane = (Entry(f"{1000 * sampled:.2f}"), Entry(f"{sampled / best:.2f}"), None, None)
    rows.append(Row(f"letters held out, in the plane ({len(letters)})", plane))
    columns = ("CD x 1000", "/ oracle", "EMD x 100", "/ oracle")
    return Layout("Auto-encoding (table 1)", "shapes, sampler", (Group("", columns),), tuple(rows))


def _published_auto_encoding() -> Layout:
    printed = published_point_clouds().query("table == 1")
    rows = []
    for (data, row), lines in printed.groupby(["data", "row"], sort=False):
        value = dict(zip(lines["metric"], lines["printed"], strict=True))
        best = printed[(printed["data"] == data) & (printed["row"] == ORACLE)]
        oracle = best.set_index("metric")["printed"]
        entries: list[Entry | None] = []
        for metric in PUBLISHED_UNITS:
            if metric in value:
                ratio = value[metric] / oracle[metric]
                entries += [Entry(f"{value[metric]:g}"), Entry(f"{ratio:.2f}")]
            else:
                entries += [None, None]
        rows.append(Row(f"{data}, {row}", tuple(entries), aside=row == ORACLE))
    columns = tuple(name for unit in PUBLISHED_UNITS.values() for name in (unit, "/ oracle"))
    return Layout("Auto-encoding, as printed", "data, method", (Group("", columns),), tuple(rows))


def _ablation(ablation: pd.DataFrame) -> Layout:
    changes = [name for name in ablation["change"].unique() if name not in DECODERS]
    title = "Levels of noise and starts, letters of the plane (table 4)"
    return _letters(title, "training, sampling", ablation, {str(name): name for name in changes})


def _decoders(ablation: pd.DataFrame) -> Layout:
    rows = {label: name for name, label in DECODERS.items()}
    rows |= {"as set": "as set", ORACLE: ORACLE}
    return _letters("The decoder, letters of the plane (table 8)", "decoder", ablation, rows)


def _letters(title: str, what: str, ablation: pd.DataFrame, changes: Mapping[str, str]) -> Layout:
    """Means over the letters that are held out, of changes by their labels."""
    grouped = ablation.groupby("change", sort=False)[["chamfer", "earth_mover"]].mean()
    means: dict[Any, pd.Series] = dict(grouped.iterrows())
    rows = []
    for label, change in changes.items():
        entries = []
        for metric, factor in (("chamfer", 1000), ("earth_mover", 100)):
            value = means[change][metric]
            ratio = value / means[ORACLE][metric]
            entries += [Entry(f"{factor * value:.2f}"), Entry(f"{ratio:.2f}")]
        rows.append(Row(label, tuple(entries), aside=change == ORACLE))
    columns = ("CD x 1000", "/ oracle", "EMD x 100", "/ oracle")
    return Layout(title, what, (Group("", columns),), tuple(rows))


def _published_ablation() -> Layout:
    return _printed("The same, as printed", 4)


def _published_decoders() -> Layout:
    return _printed("The decoder, as printed", 8, DECODERS)


def _printed(title: str, table: int, labels: Mapping[str, str] | None = None) -> Layout:
    """A printed table of airplanes, its rows in order."""
    found = published_point_clouds().query("table == @table")
    printed = found.pivot(index="row", columns="metric", values="printed")
    rows = tuple(
        Row(
            f"airplane, {(labels or {}).get(row, row)}",
            tuple(Entry(f"{printed.loc[row, m]:g}") for m in PUBLISHED_UNITS),
        )
        for row in found["row"].unique()
    )
    columns = tuple(PUBLISHED_UNITS.values())
    return Layout(title, "data, change", (Group("", columns),), rows)


def _generation(scores: pd.DataFrame) -> Layout:
    titles = tuple(f"{m.title}, {m.unit}" for m in CLOUD_METRICS.values())
    return Layout(
        "Generation (table 3)", "method", (Group("", titles),),
        _score_rows(scores, list(CLOUD_METRICS)),
    )  # fmt: skip


def _published_generation() -> Layout:
    metrics = [name for name in CLOUD_METRICS if name != "jsd"]
    rows = []
    for (data, row), lines in (
        published_point_clouds().query("table == 3").groupby(["data", "row"], sort=False)
    ):
        value = dict(zip(lines["metric"], lines["printed"], strict=True))
        entries = tuple(Entry(f"{value[name]:g}") for name in metrics)
        rows.append(Row(f"{data}, {row}", entries, aside=row == FLOOR))
    titles = tuple(f"{CLOUD_METRICS[n].title}, {CLOUD_METRICS[n].unit}" for n in metrics)
    return Layout("Generation, as printed", "data, method", (Group("", titles),), tuple(rows))


def _topology(scores: pd.DataFrame) -> Layout:
    titles = tuple(f"{METRICS[name].title}, {METRICS[name].unit}" for name in TOPOLOGY)
    return Layout(
        "Topology of the same shapes", "method", (Group("", titles),), _score_rows(scores, TOPOLOGY)
    )


def _score_rows(scores: pd.DataFrame, metrics: Sequence[str]) -> tuple[Row, ...]:
    definitions = {**METRICS, **CLOUD_METRICS}
    rows = []
    for method, lines in scores.groupby("method", sort=False):
        by_metric = lines.groupby("metric")["value"]
        means, deviations = by_metric.mean(), by_metric.std()
        entries: list[Entry | None] = []
        for name in metrics:
            metric = definitions[name]
            if name not in means:
                entries.append(None)
                continue
            shown = f"{metric.factor * means[name]:.{metric.decimals}f}"
            spread = metric.factor * deviations[name]
            told = "" if pd.isna(spread) else f"{spread:.{metric.decimals}f}"
            entries.append(Entry(shown, told))
        rows.append(Row(str(method), tuple(entries), aside=method == FLOOR))
    return tuple(rows)


def _outer_sheets(sheets: pd.DataFrame) -> Layout:
    rows = []
    for name, label in SHEETS.items():
        lines = sheets[sheets["field"] == name]
        distances = 100 * lines["distance"]
        entries: list[Entry | None] = [
            Entry(f"{distances.mean():.2f}"), Entry(f"{distances.median():.2f}")
        ]  # fmt: skip
        for column in ("iou", "bare_share"):
            known = lines[column].dropna()
            entries.append(Entry(f"{known.mean():.3f}") if len(known) else None)
        rows.append(Row(label, tuple(entries)))
    columns = ("distance x 100", "median", "IoU", "bare share of the cloud")
    return Layout("What a sheet costs", "field", (Group("", columns),), tuple(rows))
