"""IGR's table 2: how far reconstructed surfaces are from the true ones and from their scans."""

import json
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from .layout import Document, Entry, Group, Layout, Row

DISTANCES = (
    *("truth_chamfer", "truth_hausdorff", "largest_chamfer", "largest_hausdorff"),
    *("scan_chamfer", "scan_hausdorff"),
)
GROUPS = (
    Group("To the truth:", ("d_C", "d_H")),
    Group("Largest piece:", ("d_C", "d_H")),
    Group("Scan to surface:", ("d_C", "d_H")),
    Group("Solid:", ("pieces, handles, cavities",)),
)
BETTI = ("pieces", "handles", "cavities")


def scans_document(scores: pd.DataFrame) -> Document:
    """A table for each scan, a row for each method, printed numbers of the same scan below.

    Args:
        scores: as `gathered_scores` returns them.
    """
    tables = [_all_scans(scores)] if scores["scan"].nunique() > 1 else []
    tables += [_one_scan(str(scan), lines) for scan, lines in scores.groupby("scan", sort=False)]
    seeds = scores["seed"].nunique()
    return Document(
        "scans",
        "Surfaces from scans",
        "Implicit Geometric Regularization (Gropp et al., ICML 2020), its table 2: mean over "
        f"{seeds} seed{'s' if seeds > 1 else ''}, with the deviation where there are several.",
        tuple(tables),
        (
            "Distances of points to triangles; the longest side is 75, as in the benchmark's "
            "files. d_C is half the sum of both mean distances (10), d_H the larger maximum (11); "
            "scan to surface is one-sided, (12) and (13).",
            "Largest piece: without all others; a single ghost in a corner is the whole of d_H.",
            "Solid: what the surface bounds, in brackets what the true one does; open: it bounds "
            "nothing.",
            "Printed numbers are between samples of points: beside ours they are no comparison to "
            "the last digit.",
        ),
    )


def gathered_scores(files: Iterable[Path]) -> pd.DataFrame:
    """A line for each file of `toposhape.jobs.surfaces.score_surface`; what is not known is NaN."""
    table = pd.DataFrame([json.loads(file.read_text(encoding="utf-8")) for file in files])
    texts = ["scan", "method"]
    return table.astype({name: float for name in table.columns.difference([*texts, "seed"])})


@cache
def published_scans() -> pd.DataFrame:
    """Printed numbers: `source`, `scan`, `method`, and distances by name."""
    resource = files("toposhape.publication.tables") / "published_scans.csv"
    with resource.open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


def _one_scan(scan: str, lines: pd.DataFrame) -> Layout:
    rows = []
    least = {name: lines.groupby("method")[name].mean().min() for name in DISTANCES}
    for method, group in lines.groupby("method", sort=False):
        entries = [_distance(group[name], least[name]) for name in DISTANCES]
        rows.append(Row(str(method), (*entries, Entry(_solids(group)))))
    printed = published_scans()
    for line in printed[printed["scan"] == scan].to_dict("records"):
        entries = [Entry(f"{line[n]:g}") if n in line else None for n in DISTANCES]
        rows.append(Row(f"{line['method']}, printed", (*entries, None), aside=True))
    return Layout(scan, "method", GROUPS, tuple(rows))


def _all_scans(scores: pd.DataFrame) -> Layout:
    """Means over the scans that have a truth, and how many solids are right."""
    known = scores.dropna(subset=["true_pieces"])
    rows = []
    for method, lines in scores.groupby("method", sort=False):
        of = known[known["method"] == method]
        right = sum(_is_right(line) for line in of.to_dict("records"))
        means = [_plain(lines.groupby("scan")[name].mean().mean()) for name in DISTANCES]
        rows.append(Row(str(method), (*means, Entry(f"{right} of {len(of)} right"))))
    return Layout("Mean of all scans", "method", GROUPS, tuple(rows))


def _distance(values: pd.Series, least: float) -> Entry | None:
    if values.isna().all():
        return None
    deviation = f"{values.std():.2g}" if len(values) > 1 else ""
    return Entry(f"{values.mean():.3f}", deviation, best=bool(values.mean() == least))


def _plain(value: float) -> Entry | None:
    return None if pd.isna(value) else Entry(f"{value:.3f}")


def _solids(lines: pd.DataFrame) -> str:
    """Betti numbers of every seed, each kind once."""
    told = []
    for line in lines.to_dict("records"):
        open_ = pd.isna(line["pieces"])
        told.append("open" if open_ else " ".join(f"{line[name]:.0f}" for name in BETTI))
    first = lines.iloc[0]
    wanted = " ".join(f"{first[f'true_{name}']:.0f}" for name in BETTI)
    known = "" if pd.isna(first["true_pieces"]) else f" ({wanted})"
    return ", ".join(dict.fromkeys(told)) + known


def _is_right(line: Mapping[Hashable, Any]) -> bool:
    return all(line[name] == line[f"true_{name}"] for name in BETTI)
