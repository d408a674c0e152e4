"""IGR's table 1: relative errors of learned distances to surfaces that are known."""

import pandas as pd

from .layout import Document, Entry, Group, Layout, Row

COLUMNS = ("mean", "deviation", "median")
PUBLISHED = {
    "plane": (0.003, 0.04),
    "sphere": (0.004, 0.08),
}
"""Printed mean and deviation."""
STARTED = {"plain": "torch's start", "sphere": "geometric start"}


def plane_document(errors: pd.DataFrame) -> Document:
    """A line for each surface and start, the printed one below.

    Args:
        errors: as `toposhape.jobs.plane.reproduce_plane` writes them.
    """
    seeds = errors["seed"].nunique()
    rows = []
    for surface, of_surface in errors.groupby("surface", sort=False):
        for start, lines in of_surface.groupby("start", sort=False):
            entries = [_entry(lines[name]) for name in COLUMNS]
            rows.append(Row(f"{surface}, {STARTED[str(start)]}", tuple(entries)))
        mean, deviation = PUBLISHED[str(surface)]
        printed = (Entry(f"{mean:g}"), Entry(f"{deviation:g}"), None)
        rows.append(Row(f"{surface}, printed", printed, aside=True))
    layout = Layout("", "surface", (Group("Relative error:", COLUMNS),), tuple(rows))
    return Document(
        "scans_distances",
        "Learned distances",
        "Implicit Geometric Regularization (Gropp et al., ICML 2020), its table 1: relative errors "
        f"|f - d| / |d| at random points of the box; mean over {seeds} "
        f"seed{'s' if seeds > 1 else ''}.",
        (layout,),
        (
            "d vanishes on the surface, so that mean and deviation are those of a heavy tail; the "
            "median is not.",
            "The paper does not say from which start its numbers come. Its third surface, Bimba "
            "(0.008 ± 0.11), is a scan.",
        ),
    )


def _entry(values: pd.Series) -> Entry:
    deviation = f"{values.std():.1g}" if len(values) > 1 else ""
    return Entry(f"{values.mean():.3g}", deviation)
