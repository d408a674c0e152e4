"""The paper's section 4 and appendices, verified by computation."""

from typing import Annotated

from .base import Count, Seed, Settings, Unique, key

KEYS = {
    "extrema": ("polynomials",),
    "derivatives": ("critical_points",),
    "averages": ("functions", "samples"),
    "weights": ("functions",),
    "recovery": ("recoveries",),
    "stability": ("fields",),
}
"""What each part depends on, beside the seeds."""


class Theory(Settings):
    """`snakemake --cores all theory`; nothing else depends on these keys."""

    seeds: Annotated[tuple[Seed, ...], Unique] = key(
        (0, 1, 2, 3, 4), "each part runs once for each", min_length=1, max_length=100
    )
    polynomials: Count = key(
        100, "random polynomials of each of 12 degrees and 3 spectra, proposition 4.1", ge=2
    )
    critical_points: Count = key(3000, "where lemma B.1 meets differences", ge=3)
    samples: Count = key(100_000, "draws of the quotients h_1 and h_2, appendix B", ge=100)
    functions: Count = key(
        300, "whose critical points are averaged, and for which weights are sought"
    )
    recoveries: Count = key(12, "functions of each spectrum that equation (3) recovers")
    fields: Count = key(100, "pairs of fields of each of 18 kinds, equation (6)")
