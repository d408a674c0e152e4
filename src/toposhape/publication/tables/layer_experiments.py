"""The TopologyLayer paper's sentences beside what our runs of its experiments say."""

import pandas as pd

from toposhape.layer_experiments.claims import CLAIMS, Claim

from .layout import Document, Entry, Group, Layout, Row

COLUMNS = ("published", "ours", "holds")


def layer_experiments_document(numbers: pd.DataFrame) -> Document:
    """A line for each claim: what is published, what ours give, in how many seeds it holds.

    Args:
        numbers: as `toposhape.jobs.layer_experiments.gathered_numbers` returns them.
    """
    of = dict(list(numbers.groupby("experiment")))
    rows = tuple(_row(claim, of[claim.experiment]) for claim in CLAIMS)
    seeds = numbers["seed"].nunique()
    return Document(
        "layer_experiments",
        "Experiments of A Topology Layer for Machine Learning",
        "What the paper (Brüel-Gabrielsson et al., AISTATS 2020) says, what it prints, and what "
        f"our runs give: mean and deviation over {seeds} seeds, and in how many of them the "
        "sentence holds.",
        (Layout("", "claim", (Group("", COLUMNS),), rows),),
        (
            "Energies are sums of lengths of bars, squared for points of the plane; errors are "
            "|found - true|² of coefficients (figure 7: as a share of |true|²); change is the L2 "
            "norm of what an attack did to an image.",
            "Weights of penalties are those of the least true error, an oracle, as in the official "
            "code, but where it says held out.",
            "Published distances are of other images: compare changes, not numbers.",
        ),
    )


def summary(numbers: pd.DataFrame) -> pd.DataFrame:
    """Mean, deviation and number of seeds of every number of every experiment."""
    groups = numbers.groupby(["experiment", "name"], sort=False)["value"]
    return groups.agg(["mean", "std", "count"]).reset_index()


def _row(claim: Claim, numbers: pd.DataFrame) -> Row:
    """One claim and its numbers."""
    by_seed = [dict(zip(g["name"], g["value"], strict=True)) for _, g in numbers.groupby("seed")]
    held = sum(claim.holds(each) for each in by_seed)
    shown = [_told(name, [each[name] for each in by_seed]) for name in claim.shown]
    label = claim.sentence if claim.figure == "-" else f"{claim.figure}: {claim.sentence}"
    entries = (claim.published or "-", "; ".join(shown), f"{held} of {len(by_seed)}")
    return Row(label, tuple(map(Entry, entries)))


def _told(name: str, values: list[float]) -> str:
    """A name with its mean and deviation, three digits."""
    series = pd.Series(values)
    deviation = f" ± {series.std():.2g}" if len(values) > 1 else ""
    return f"{name} {series.mean():.3g}{deviation}"
