"""The table of the paper's theory: claim, what is found, verdict."""

import pandas as pd

from .layer_experiments import summary as by_experiment
from .layout import Document, Entry, Group, Layout, Row
from .theory_claims import CLAIMS, TheoryClaim

COLUMNS = ("what we find", "verdict", "settled in")
OPEN, REFUTED = "open", "fails in every seed"


def theory_document(numbers: pd.DataFrame) -> Document:
    """A line for each claim.

    Args:
        numbers: as `toposhape.jobs.theory.gathered_parts` returns them.
    """
    of = dict(list(numbers.groupby("part")))
    rows = tuple(_row(claim, of[claim.part]) for claim in CLAIMS)
    return Document(
        "theory",
        "Section 4 and the appendices, verified by computation",
        "What Enhancing Implicit Shape Generators Using Topological Regularizations says, what "
        f"computation finds (mean and deviation over {numbers['seed'].nunique()} seeds), the "
        "verdict, and for how many seeds the numbers are those on which it stands; open: for some.",
        (Layout("", "claim", (Group("", COLUMNS),), rows),),
        (
            "s_k is the deviation of the coefficients of frequency k; mu_k = k² lambda_k.",
            "Families 1/k^2, equal, k^2 are lambda_k; each has its own best scale.",
            "Errors of (19) and (3) are |found - true|² / |true|², of lemma B.1 relative and the "
            "largest, but for the order of (16): a median.",
            "near: descent starts at the truth; far: at another function, and the error is that "
            "after the best shift and reflection.",
        ),
    )


def summary(numbers: pd.DataFrame) -> pd.DataFrame:
    """Mean, deviation and number of seeds of every number of every part."""
    found = by_experiment(numbers.rename(columns={"part": "experiment"}))
    return found.rename(columns={"experiment": "part"})


def _row(claim: TheoryClaim, numbers: pd.DataFrame) -> Row:
    """One claim and its numbers."""
    table = numbers.pivot(index="seed", columns="name", values="value")
    settled = sum(bool(claim.settled(dict(line))) for _, line in table.iterrows())
    told = "; ".join(_told(name, table[name]) for name in claim.shown)
    verdict = claim.verdict if settled == len(table) else OPEN if settled else REFUTED
    entries = (told, verdict, f"{settled} of {len(table)}")
    return Row(f"{claim.place}: {claim.sentence}", tuple(map(Entry, entries)))


def _told(name: str, values: pd.Series) -> str:
    """A name with its mean and deviation, three digits."""
    if values.nunique() == 1:
        return f"{name} {values.iloc[0]:.6g}"
    return f"{name} {values.mean():.3g} ± {values.std():.2g}"
