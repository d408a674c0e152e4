"""Sentences of the paper's theory, what is computed of each, and the verdict."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

Numbers = Mapping[str, float]
EXACT = 1e-9
BY_DIFFERENCES = 1e-5


class TheoryClaim(NamedTuple):
    """A sentence of the paper that computation confirms or refutes.

    Attributes:
        place: where it stands.
        part: one of `toposhape.theory.PARTS`.
        sentence: the claim.
        shown: names of the numbers that stand beside it.
        verdict: what is said where `settled` is true of every seed.
        settled: are the numbers of one seed those on which the verdict stands?
    """

    place: str
    part: str
    sentence: str
    shown: tuple[str, ...]
    verdict: str
    settled: Callable[[Numbers], bool]


SPECTRA = tuple(f"s_k ~ k^-{decay}" for decay in (0, 1, 2))
FAMILIES = ("1/k^2", "equal", "k^2")


def of_families(prefix: str) -> tuple[str, ...]:
    """Names of an error of each family of weights."""
    return tuple(f"{prefix}, {name}" for name in FAMILIES)


def best(numbers: Numbers, prefix: str) -> str:
    """Return the family of the least error."""
    return min(FAMILIES, key=lambda name: numbers[f"{prefix}, {name}"])


def _bayes(numbers: Numbers) -> bool:
    """With independent points each spectrum has its own best family."""
    found = [best(numbers, f"independent points, {s}") for s in SPECTRA]
    return found == list(FAMILIES)


CLAIMS = (
    TheoryClaim(
        "4.1", "extrema", "a function of degree n has at most n local minima and n local maxima",
        ("polynomials", "most extrema of a kind over n", "counts without proof"),
        "confirmed",
        lambda n: n["most extrema of a kind over n"] == 0 == n["counts without proof"],
    ),
    TheoryClaim(
        "4.1", "extrema", "(ours) the bound is reached, by cos nx", ("cos nx reaches n",),
        "confirmed", lambda n: n["cos nx reaches n"] == 1,
    ),
    TheoryClaim(
        "4.1", "extrema", "the domain is [0, 2π]", ("maxima of cos 5x with two ends",),
        "only as a circle: an interval has n + 1 maxima",
        lambda n: n["maxima of cos 5x with two ends"] == 6,
    ),
    TheoryClaim(
        "(22)", "derivatives", "derivative of a critical point by a coefficient of a sine",
        ("(22), sines", "critical points"), "confirmed",
        lambda n: n["(22), sines"] < BY_DIFFERENCES,
    ),
    TheoryClaim(
        "(22)", "derivatives", "... of a cosine: k sin(kc) / sum",
        ("(22), cosines", "(22), cosines, sign turned"), "wrong sign",
        lambda n: abs(n["(22), cosines"] - 2) < BY_DIFFERENCES
        and n["(22), cosines, sign turned"] < BY_DIFFERENCES,
    ),
    TheoryClaim(
        "(16)", "derivatives", "the lemma is of f as in (16), cosine first",
        ("(22), order of (16)",), "refuted: it is of the main text's order",
        lambda n: n["(22), order of (16)"] > 0.1,
    ),
    TheoryClaim(
        "(23)", "derivatives", "derivative of a critical value", ("(23)", "derived value"),
        "confirmed", lambda n: n["(23)"] < BY_DIFFERENCES,
    ),
    TheoryClaim(
        "(23)", "derivatives", "its first term counts", ("first factor of (23)",),
        "refuted: its factor is f'(c) = 0", lambda n: n["first factor of (23)"] < EXACT,
    ),
    TheoryClaim(
        "B", "averages", "b = 0, A = I/2, A1 = 0, A2 = diag(1, 1, 4, 4, ..., n², n²)/2",
        ("b, error", "A, error", "A1, error", "A2, error"), "confirmed",
        lambda n: max(n[f"{name}, error"] for name in ("b", "A", "A1", "A2")) < EXACT,
    ),
    TheoryClaim(
        "(24)", "averages", "... which (24) writes as diag(1, ..., n)", ("A2 with k, error",),
        "misprint: a square is lost", lambda n: n["A2 with k, error"] > 1,
    ),
    TheoryClaim(
        "B", "averages", "critical points are uniform: v v^T is diag(1, 1/2, ..., 1/2) on average",
        ("critical points: largest |mean of v v^T - diag(1, 1/2)|",),
        "confirmed, for spectra that a shift does not change",
        lambda n: n["critical points: largest |mean of v v^T - diag(1, 1/2)|"] < 0.05,
    ),
    TheoryClaim(
        "B", "averages", "h1 and h2 are constants that count", ("h2, one order",),
        "refuted: both are 0", lambda n: n["h2, one order"] < EXACT,
    ),
    TheoryClaim(
        "B", "averages", "... and do not depend on c (two orders of a mixed, as printed)",
        (
            "quotient of two orders, median of squares at 0.3",
            "quotient of two orders, median of squares at 0.9",
            "h2, two orders, 100 draws", "h2, two orders, all draws",
        ),
        "refuted: they do, and h2 is infinite",
        lambda n: n["quotient of two orders, median of squares at 0.3"]
        > 1.5 * n["quotient of two orders, median of squares at 0.9"],
    ),
    TheoryClaim(
        "(20)", "averages", "the error is small where the norm of A is",
        ("(20), least norm of any function",), "empty: the norm of A is never below 1",
        lambda n: n["(20), least norm of any function"] > 1 - EXACT,
    ),
    TheoryClaim(
        "(21)", "averages", "mean and inverse may be exchanged",
        ("(21), squared norm at the least weight", "(20), mean error at the least weight"),
        "refuted: it hides what no diagram says",
        lambda n: n["(20), mean error at the least weight"]
        > 10 * n["(21), squared norm at the least weight"],
    ),
    TheoryClaim(
        "B", "averages", "for a given median equal weights have the least norm of A in (21)",
        tuple(f"norm of (21), h2 {h2}, {w}" for h2 in (0, 1) for w in ("equal", "other")),
        "refuted, with h2 = 0 and as printed",
        lambda n: all(
            n[f"norm of (21), h2 {h2}, other"] < n[f"norm of (21), h2 {h2}, equal"]
            for h2 in (0, 1)
        ),
    ),
    *(
        TheoryClaim(
            "(19)", "weights", f"(ours) points independent of f, {spectrum}: {family} is best",
            of_families(f"independent points, {spectrum}"), "confirmed (Bayes)", _bayes,
        )
        for spectrum, family in zip(SPECTRA, FAMILIES, strict=True)
    ),
    *(
        TheoryClaim(
            "(19)", "weights", f"equal weights are best, critical points of f, {spectrum}",
            (
                *of_families(f"critical points, {spectrum}"),
                f"critical points, {spectrum}, best found",
                f"critical points, {spectrum}, power of mu_k",
            ),
            "best of the three",
            lambda n, s=spectrum: best(n, f"critical points, {s}") == "equal",  # type: ignore[misc]
        )
        for spectrum in SPECTRA
    ),
    *(
        TheoryClaim(
            "(3)", "recovery", f"(ours) from near, {spectrum}: {family} is best",
            (
                *of_families(f"{spectrum}, near"),
                *(f"{spectrum}, near, {name}, ended" for name in FAMILIES),
            ),
            "confirmed",
            lambda n, s=spectrum, f=family: best(n, f"{s}, near") == f,  # type: ignore[misc]
        )
        for spectrum, family in zip(SPECTRA, FAMILIES, strict=True)
    ),
    *(
        TheoryClaim(
            "(3)", "recovery", f"equal weights are best, from far, {spectrum}",
            (*of_families(f"{spectrum}, far"), f"{spectrum}, another function"),
            "best of the three",
            lambda n, s=spectrum: best(n, f"{s}, far") == "equal",  # type: ignore[misc]
        )
        for spectrum in SPECTRA
    ),
    TheoryClaim(
        "(6)", "stability", "bottleneck distance <= largest difference of the functions",
        ("pairs", "pairs that break (6)", "largest ratio"), "confirmed",
        lambda n: n["pairs that break (6)"] == 0,
    ),
    TheoryClaim(
        "(6)", "stability", "(6) is not tight",
        ("mean ratio, shifts left out", "share of ratios above 0.99, shifts left out"),
        "it is reached, but not on average",
        lambda n: n["largest ratio"] > 0.99 and n["mean ratio, shifts left out"] < 0.95,
    ),
    TheoryClaim(
        "(6)", "stability", "only the norm in (1) changes",
        (
            "one point under a shift, Euclidean ground metric",
            "d_PD over the square of the distance, largest",
        ),
        "refuted: (1) has no such bound, its ground metric alone costs √2",
        lambda n: n["one point under a shift, Euclidean ground metric"] > 1.4
        and n["d_PD over the square of the distance, largest"] > 2,
    ),
)  # fmt: skip
