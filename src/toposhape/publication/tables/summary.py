"""What became of the requested shapes, from manifests and splits."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from toposhape.base.tables import read_table

from .layout import Document, Entry, Group, Layout, Row

PARTS = ("training", "validation", "test")


def count_shapes(manifest: str | Path, split: str | Path) -> dict[str, int]:
    """Count the shapes of one category.

    Args:
        manifest: the category's manifest.csv.
        split: its split.json.

    Returns:
        `requested`, `ok`, `rejected` and, of the accepted ones, `training`, `validation`, `test`.
    """
    status = read_table(manifest)["status"]
    parts = json.loads(Path(split).read_text(encoding="utf-8"))
    return {
        "requested": len(status),
        "ok": int((status == "ok").sum()),
        "rejected": int((status == "rejected").sum()),
        **{part: len(parts[part]) for part in PARTS},
    }


def rejection_reasons(manifest: str | Path) -> dict[str, int]:
    """How often each reason stands in a manifest, the most frequent first."""
    lines = read_table(manifest, texts=("shape", "reason"))
    reasons = lines.loc[lines["status"] == "rejected", "reason"]
    return {str(reason): int(count) for reason, count in reasons.value_counts().items()}


def shapes_document(
    manifests: Mapping[str, str | Path], splits: Mapping[str, str | Path]
) -> Document:
    """The table of accepted and rejected shapes by category, and of the reasons.

    Args:
        manifests: manifest.csv by category.
        splits: split.json by category.
    """
    rows, geometry = [], []
    for category, manifest in manifests.items():
        counts = count_shapes(manifest, splits[category])
        rows.append(Row(category, tuple(Entry(str(count)) for count in counts.values())))
        geometry.append(Row(category, _geometry(manifest)))
    tables = [
        Layout(
            "",
            "category",
            (
                Group("shapes", ("requested", "accepted", "rejected")),
                Group("accepted, used for", PARTS),
            ),
            tuple(rows),
        ),
        Layout("As they were read", "category", (Group("", _GEOMETRY),), tuple(geometry)),
    ]
    reasons = tuple(
        Row(f"{category}: {reason}", (Entry(str(count)),))
        for category, manifest in manifests.items()
        for reason, count in rejection_reasons(manifest).items()
    )
    if reasons:
        tables.append(
            Layout("Why shapes were rejected", "reason", (Group("", ("shapes",)),), reasons)
        )
    caption = (
        "Every requested shape is either accepted or rejected for a stated reason; nothing is left "
        "out silently. The manifest of each category names them one by one."
    )
    notes = (
        "Training shapes are learned from; validation shapes decide when training ends; test "
        "shapes are used by the scores alone. Near-duplicates are never in two of these.",
    )
    return Document("shapes", "Shapes", caption, tuple(tables), notes)


def shapes_counts_table(
    manifests: Mapping[str, str | Path], splits: Mapping[str, str | Path]
) -> pd.DataFrame:
    """The same for machines: columns category, what, count; reasons as `rejected: <reason>`."""
    lines = []
    for category, manifest in manifests.items():
        counts = count_shapes(manifest, splits[category])
        reasons = {f"rejected: {r}": n for r, n in rejection_reasons(manifest).items()}
        lines += [(category, what, count) for what, count in {**counts, **reasons}.items()]
    return pd.DataFrame(lines, columns=["category", "what", "count"])


_GEOMETRY = ("median faces", "most faces", "watertight", "one part")


def _geometry(manifest: str | Path) -> tuple[Entry, ...]:
    lines = read_table(manifest, texts=("shape", "watertight"))
    lines = lines[lines["status"] == "ok"]
    if lines["faces"].isna().all():  # none, or clouds
        return (Entry("–"),) * len(_GEOMETRY)
    watertight = lines["watertight"].str.lower().isin(["true", "1"]).mean()
    return (
        Entry(f"{lines['faces'].median():.0f}"),
        Entry(f"{lines['faces'].max():.0f}"),
        Entry(f"{100 * watertight:.0f} %"),
        Entry(f"{100 * (lines['components'] == 1).mean():.0f} %"),
    )
