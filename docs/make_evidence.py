"""Write the tables behind docs/records/evidence.md: runs with several seeds, methods side by side.

python docs/make_evidence.py evidence_chairs results/seeds

writes docs/records/evidence_chairs.md. What follows from the tables is written by hand.
"""

import argparse
import os
import platform
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pandas as pd

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import FLOOR, MEDOID, REFERENCES, TEST, read_scores
from toposhape.publication.tables.published import published

RECORDS = Path(__file__).parent / "records"
BASELINE = "DeepSDF-VAD"
PLACED = "Placed-DeepSDF"
CONTROL = "Shuffled-Control"  # of PLACED: its targets are those of other shapes
NOTICEABLE = 0.05  # of a score: a smaller gain is not taken apart
OWN_ROWS = (
    PLACED, "Placed-KDE", "Placed-Filtered", "Placed-KDE-Chosen", "Placed-KDE-Repaired", CONTROL,
    "Longer-VAD",
)  # fmt: skip
COMPARISONS = (  # method, what it is compared with, their rows in the paper
    ("Ours-DeepSDF", BASELINE, "Ours-DeepSDF", BASELINE),
    *((row, BASELINE, None, None) for row in OWN_ROWS),
)
COMPARED = ("pd_lap", "energy_distance", "cd_nearest", "handles_in_place")
VARIETY = ("pd_lap", "energy_distance", "spread", "coverage")
SHOWN = (
    "pd_lap", "pd_lap_h0", "pd_lap_h1", "pd_lap_h2", "energy_distance", "spread",
    "cd_nearest", "cd_assigned", "coverage", "one_piece_share", "false_pieces", "handles_mean",
    "handle_error", "handles_in_place", "empty_share", "largest_share", "stands_share",
    "nothing_dangles_share", "handle_cost", "long_handles", "mirror_distance", "novelty",
    "novelty_median",
)  # fmt: skip
ELSEWHERE = (
    "generator_pd_lap", "pd_lap_training", "generator_pd_lap_training", "pd_lap_posterior",
    "energy_distance_posterior", "one_piece_share_posterior", "cd_nearest_posterior",
)  # fmt: skip


def by_seed(scores: pd.DataFrame) -> pd.Series:
    """Means over the draws, by category, method, metric and training seed (-1: has none)."""
    filled = scores.assign(training_seed=scores.training_seed.fillna(-1).astype(int))
    return filled.groupby(["category", "method", "metric", "training_seed"])["value"].mean()


def changes(means: pd.Series, category: str, pair: tuple[str, str], metric: str) -> list[float]:
    """Relative change of a method against another, seed by seed."""
    try:
        ours, theirs = (means[category, name, metric] for name in pair)
    except KeyError:
        return []
    return [float(ours[seed] / theirs[seed] - 1) for seed in ours.index if seed in theirs.index]


def printed_change(category: str, rows: tuple[str | None, str | None], metric: str) -> str:
    """The change that the paper's table implies, or a dash."""
    ours, theirs = (published(row, category, metric) for row in rows)
    return "-" if ours is None or theirs is None else percent(ours / theirs - 1)


def percent(value: float) -> str:
    """+12 %, with a real minus sign."""
    return f"{100 * value:+.0f} %".replace("-", "\u2212")


def comparison_table(means: pd.Series, categories: Iterable[str], metric: str) -> list[str]:
    """Published relative changes beside ours, with every seed."""
    categories = list(categories)
    heads = [f"{category}: paper | ours (each seed)" for category in categories]
    lines = [
        f"| {METRICS[metric].title} | {' | '.join(heads)} |",
        "| --- |" + " ---: | :--- |" * len(categories),
    ]
    there = set(means.index.get_level_values("method"))
    for method, base, row, base_row in (each for each in COMPARISONS if each[0] in there):
        entries = []
        for category in categories:
            each = changes(means, category, (method, base), metric)
            mean = f"**{percent(sum(each) / len(each))}**" if each else "-"
            listed = f" ({', '.join(percent(value) for value in each)})" if len(each) > 1 else ""
            entries += [printed_change(category, (row, base_row), metric), mean + listed]
        lines.append(f"| {method} against {base} | {' | '.join(entries)} |")
    return lines


def score_rows(
    scores: pd.DataFrame, category: str, methods: Iterable[str], metrics: Iterable[str]
) -> list[str]:
    """Mean over seeds and draws, with the deviation over seeds and over the draws of a seed."""
    metrics = [m for m in metrics if m in set(scores.metric)]
    titles = [f"{METRICS[m].title} ({METRICS[m].unit})" for m in metrics]
    lines = [f"| {category} | {' | '.join(titles)} |", "| --- |" + " ---: |" * len(metrics)]
    here = scores[scores.category == category]
    for method in methods:
        entries = [
            _entry(here[(here.method == method) & (here.metric == metric)], metric)
            for metric in metrics
        ]
        if any(entries):
            lines.append(f"| {method} | {' | '.join(entries)} |")
    return lines


def _entry(lines: pd.DataFrame, metric: str) -> str:
    if lines.empty:
        return ""
    shape = METRICS[metric]
    seeds = lines.groupby("training_seed", dropna=False)["value"]
    parts = [f"{shape.factor * seeds.mean().mean():.{shape.decimals}f}"]
    if len(seeds) > 1:
        parts.append(f"±{shape.factor * seeds.mean().std(ddof=1):.{shape.decimals}f}")
    within = seeds.std(ddof=1).mean()
    if pd.notna(within):
        parts.append(f"({shape.factor * within:.{shape.decimals}f})")
    return " ".join(parts)


def share_of_control(means: pd.Series, category: str, metric: str) -> str:
    """How much of the gain against the baseline needs no correspondence of codes."""
    names = (BASELINE, PLACED, CONTROL)
    try:
        base, ours, control = (means[category, name, metric].mean() for name in names)
    except KeyError:
        return "-"
    gain = base - ours
    if gain < NOTICEABLE * base:
        return "(no gain to speak of)"
    return f"{100 * max(0.0, base - control) / gain:.0f} %"


def share(gain: float, base: float, floor: float) -> str:
    """The share of the way from a score to a lower one, or a dash if the way is short."""
    return "-" if base - floor < NOTICEABLE * base else f"{100 * gain / (base - floor):.0f} %"


def summary_table(means: pd.Series, category: str, methods: Iterable[str]) -> list[str]:
    """What each method gives against the baseline, and how near it is to training shapes."""

    def mean(method: str, metric: str) -> float:
        return float(means[category, method, metric].mean())

    def change(method: str, metric: str) -> str:
        each = changes(means, category, (method, BASELINE), metric)
        return percent(sum(each) / len(each))

    lines = [
        f"| {category} | PD-LAP | of the way to training shapes | CD-mean | one piece (%) "
        "| stands (%) | spread / training shapes' | spread / test shapes' |",
        "| --- |" + " ---: |" * 7,
    ]
    base, floor = mean(BASELINE, "pd_lap"), mean(FLOOR, "pd_lap")
    for method in methods:
        gains = ["", "", ""]
        if method != BASELINE:
            way = share(base - mean(method, "pd_lap"), base, floor)
            gains = [change(method, "pd_lap"), way, change(method, "cd_nearest")]
        entries = [
            *gains,
            *(f"{100 * mean(method, m):.0f}" for m in ("one_piece_share", "stands_share")),
            *(f"{mean(method, 'spread') / mean(other, 'spread'):.2f}" for other in (FLOOR, TEST)),
        ]
        lines.append(f"| {method} | {' | '.join(entries)} |")
    return lines


def compared_scores(run: Path) -> pd.DataFrame:
    """All scores of a run, if in each category there is what methods are compared with."""
    paths = sorted(run.glob("scores/*/*.csv"))
    if not paths:
        raise SystemExit(f"{run / 'scores'}: no scores; name the folder of a run that has some")
    scores = read_scores(paths)
    for category, here in scores.groupby("category"):
        if missing := {BASELINE, FLOOR, TEST} - set(here.method):
            raise SystemExit(
                f"{run / 'scores' / category}: no scores of {', '.join(sorted(missing))}, which "
                f"others are compared with: make {BASELINE}_seed0.csv and references.csv there"
            )
    return scores


def section(run: Path) -> list[str]:
    """The page's part about one run."""
    scores = compared_scores(run)
    means = by_seed(scores)
    categories = [c for c in ("chair", "table", "sofa") if c in set(scores.category)]
    trained = [m for m, *_ in COMPARISONS] + [BASELINE]
    methods = [m for m in dict.fromkeys(scores.method) if m not in REFERENCES]
    methods.sort(key=lambda m: trained.index(m) if m in trained else -1)
    seeds = sorted(scores.training_seed.dropna().unique())
    n = scores[scores.metric == "pd_lap"].groupby("category")["n"].min()
    sizes = ", ".join(f"{category} {n[category]}" for category in categories)
    page = [
        f"## Run `{run.name}`",
        "",
        f"Training seeds {', '.join(map(str, seeds))}; n: {sizes}.",
        "",
    ]
    for category in categories:
        page += [*summary_table(means, category, methods), ""]
    for metric in COMPARED:
        page += [*comparison_table(means, categories, metric), ""]
    page += [
        "Share of the gain of Placed-DeepSDF that the shuffled control has too: "
        + "; ".join(
            f"{category} {share_of_control(means, category, 'pd_lap')} of PD-LAP, "
            f"{share_of_control(means, category, 'energy_distance')} of the energy distance"
            for category in categories
        )
        + ".",
        "",
    ]
    page += [
        "**Topology and variety side by side.** PD-LAP rewards sets without variety; the energy "
        "distance, the spread (that of the test shapes is the aim) and the coverage do not.",
        "",
    ]
    for category in categories:
        rows = [*methods, FLOOR, MEDOID, TEST]
        page += [*score_rows(scores, category, rows, VARIETY), ""]
    page += ["**All scores.**", ""]
    for category in categories:
        rows = [*methods, *REFERENCES]
        page += [*score_rows(scores, category, rows, SHOWN), ""]
        page += [*score_rows(scores, category, methods, ELSEWHERE), ""]
    return page


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("page", help="name of the page in docs/records")
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs")
    given = parser.parse_args()
    command = " ".join(["python docs/make_evidence.py", given.page, *map(str, given.runs)])
    page = [
        f"# Evidence: {given.page.removeprefix('evidence_').replace('_', ' ')}",
        "",
        f"Written by `{command}` ({os.cpu_count()} cores, {platform.machine()}). What follows from "
        "it: [Does the claim hold?](evidence.md)",
        "",
        "How to read the tables. Changes: mean over training seeds, each seed in brackets; "
        "negative is better but for handles in place. Scores: mean, ± deviation over training "
        "seeds, in brackets the deviation over the draws of one seed. A dash: the paper has no "
        "such number, or training shapes score hardly better than the baseline.",
        "",
        *(line for run in given.runs for line in section(run)),
        "## Definitions",
        "",
        *(f"- {METRICS[m].title}: {METRICS[m].definition}." for m in (*SHOWN, *ELSEWHERE)),
    ]
    lines = [a for a, b in pairwise([*page, None]) if not (a == "" and b == "")]
    (RECORDS / f"{given.page}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
