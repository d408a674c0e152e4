"""How well a shape space has scans: quantiles over shapes."""

import pandas as pd

from .layout import Document, Entry, Group, Layout, Row

QUANTILES = (0.05, 0.5, 0.95)
DISTANCES = {"To the truth, d_C:": "truth_chamfer", "Scan to surface, d_C:": "scan_chamfer"}
BETTI = ("pieces", "handles", "cavities")
TRUE_BETTI = [f"true_{name}" for name in BETTI]


def scan_space_document(scores: pd.DataFrame) -> Document:
    """A line for training scans, for codes of new scans, and for those after tuning.

    Args:
        scores: as `toposhape.jobs.scan_space.score_scan_space` writes them, of all seeds.
    """
    groups = [Group(heading, ("5 %", "50 %", "95 %")) for heading in DISTANCES]
    rows = []
    for kind, lines in scores.groupby("kind", sort=False):
        found = [lines[name].quantile(q) for name in DISTANCES.values() for q in QUANTILES]
        right = (lines[list(BETTI)].to_numpy() == lines[TRUE_BETTI].to_numpy()).all(axis=1)
        entries = [None if pd.isna(value) else Entry(f"{value:.3f}") for value in found]
        rows.append(Row(str(kind), (*entries, Entry(f"{right.sum()} of {len(lines)} right"))))
    layout = Layout("", "", (*groups, Group("Solid:", ("Betti numbers",))), tuple(rows))
    return Document(
        "scans_space",
        "A shape space of scans",
        "One network and a code for each scan (Gropp et al., ICML 2020, section 6.2); quantiles "
        "over shapes.",
        (layout,),
        (
            "Units as in the table of surfaces: the longest side is 75. The paper's figures of "
            "this kind are curves without numbers, of scans of people.",
            "Tuned: network and code have then learned the new scan alone.",
        ),
    )
