"""What the paper says of each experiment, and whether ours say so too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Numbers = Mapping[str, float]
FILTRATIONS = ("superlevel", "Rips")


class Claim(NamedTuple):
    """A sentence of the paper that numbers can hold or not.

    Attributes:
        figure: where it stands.
        experiment: one of `EXPERIMENTS`.
        sentence: the claim.
        published: the paper's numbers; "" where it prints none.
        shown: names of the numbers that stand beside it.
        holds: is it true of the numbers of one seed?
    """

    figure: str
    experiment: str
    sentence: str
    published: str
    shown: tuple[str, ...]
    holds: Callable[[Numbers], bool]


def _regression(kind: str, count: int, *penalties: str) -> tuple[str, ...]:
    return tuple(f"{kind}, n {count}, {penalty}" for penalty in penalties)


def _both_beat_least_squares(kind: str) -> Callable[[Numbers], bool]:
    def holds(n: Numbers) -> bool:
        return max(n[f"{kind}, n 85, {p}"] for p in ("Top1", "Top2")) < n[f"{kind}, n 85, OLS"]

    return holds


def _improves(metric: str, sign: int) -> Callable[[Numbers], bool]:
    """Return whether a metric, of which more (1) or less (-1) is better, got better."""
    return lambda n: sign * n[f"topology, {metric}"] > sign * n[f"baseline, {metric}"]


CLAIMS = (
    Claim(
        "1", "points", "E(2, 0, 2; PD0) of points can be raised and lowered", "",
        ("start, H0", "H0 up, H0", "H0 down, H0"),
        lambda n: n["H0 down, H0"] < n["start, H0"] / 2 < 2 * n["start, H0"] < n["H0 up, H0"],
    ),
    Claim(
        "1", "points", "E(2, 0, 1; PD1) of points can be raised and lowered", "",
        ("start, H1", "H1 up, H1", "H1 down, H1"),
        lambda n: n["H1 down, H1"] < n["start, H1"] / 2 < 2 * n["start, H1"] < n["H1 up, H1"],
    ),
    Claim(
        "1", "points", "both together: points lie close, around large holes", "",
        ("H1 up, H0 down, H0", "H1 up, H0 down, longest H1"),
        lambda n: n["H1 up, H0 down, H0"] < n["start, H0"]
        and n["H1 up, H0 down, longest H1"] > 3 * n["start, longest H1"],
    ),
    Claim(
        "-", "points", "(ours) a smoothed gradient makes a larger hole in as many steps", "",
        ("H1 up, longest H1", "H1 up, smooth, longest H1"),
        lambda n: n["H1 up, smooth, longest H1"] > n["H1 up, longest H1"],
    ),
    Claim(
        "2", "points", "E(1, 0, 2; PD0) of a chair's points can be lowered and raised", "",
        ("chair, H0", "chair H0 down, H0", "chair H0 up, H0"),
        lambda n: 2 * n["chair H0 down, H0"] < n["chair, H0"] < n["chair H0 up, H0"] / 2,
    ),
    Claim(
        "3", "denoising", "a noisy digit gets a single local maximum", "",
        ("maxima before", "maxima after", "error before", "error after"),
        lambda n: n["maxima after"] == 1 < n["maxima before"],
    ),
    *(
        Claim(
            "5", "clusters", f"values {kind}: both topological penalties beat least squares", "",
            _regression(kind, 85, "OLS", "L1", "L2", "Top1", "Top2"),
            _both_beat_least_squares(kind),
        )
        for kind in ("-1 0 1", "1 2 3")
    ),
    Claim(
        "5", "clusters", "the same with the weight chosen on samples held out", "",
        tuple(f"1 2 3, n 85, {p}, held out" for p in ("OLS", "L1", "L2", "Top1", "Top2")),
        lambda n: max(n[f"1 2 3, n 85, {p}, held out"] for p in ("Top1", "Top2"))
        < n["1 2 3, n 85, OLS"],
    ),
    Claim(
        "5", "clusters", "values 1 2 3: L1 and L2 do not beat least squares", "",
        _regression("1 2 3", 65, "OLS", "L1", "L2"),
        lambda n: min(n["1 2 3, n 65, L1"], n["1 2 3, n 65, L2"]) > 0.98 * n["1 2 3, n 65, OLS"],
    ),
    Claim(
        "6", "lines", "boxcars: total variation does very well", "",
        _regression("boxcar", 45, "OLS", "TV", "TV2", "Top1", "Top2"),
        lambda n: n["boxcar, n 45, TV"]
        <= min(n[f"boxcar, n 45, {p}"] for p in ("TV2", "Top1", "Top2")),
    ),
    Claim(
        "6", "lines", "sawteeth: Top2 does well where TV and Top1 do not", "",
        _regression("sawtooth", 45, "OLS", "TV", "TV2", "Top1", "Top2"),
        lambda n: n["sawtooth, n 45, Top2"]
        < min(n["sawtooth, n 45, TV"], n["sawtooth, n 45, Top1"]) / 2,
    ),
    Claim(
        "7", "image_regression", "the penalty restores an image from half as many samples", "",
        (
            "error, least squares", "error, with penalty",
            "bars, least squares", "bars, with penalty",
        ),
        lambda n: n["error, with penalty"] < n["error, least squares"] / 2,
    ),
    Claim(
        "8", "generator", "after 50 steps images are in one piece", "",
        ("baseline, one piece", "topology, one piece", "baseline, energy", "topology, energy"),
        lambda n: n["topology, one piece"] > max(0.9, n["baseline, one piece"]),
    ),
    Claim(
        "8", "generator", "better codes alone leave some noise", "",
        ("baseline, energy", "codes, energy", "topology, energy"),
        lambda n: n["topology, energy"] < n["codes, energy"] < n["baseline, energy"],
    ),
    Claim(
        "8", "generator", "a discriminator of diagrams has a similar effect", "",
        ("diagram discriminator, one piece", "diagram discriminator, energy"),
        lambda n: n["diagram discriminator, energy"] < n["baseline, energy"] / 2,
    ),
    Claim(
        "9", "generator", "between two codes images stay in one piece", "",
        ("baseline, line in one piece", "topology, line in one piece"),
        lambda n: n["topology, line in one piece"] > max(0.9, n["baseline, line in one piece"]),
    ),
    Claim(
        "-", "generator", "(ours) with four times as many steps both are so", "",
        ("longer, one piece", "longer, line in one piece"),
        lambda n: min(n["longer, one piece"], n["longer, line in one piece"]) > 0.9,
    ),
    *(
        Claim(
            "10", "generator", f"{metric} improves", published,
            tuple(f"{who}, {metric}" for who in ("baseline", "topology", "trained on")),
            _improves(metric, sign),
        )
        for metric, sign, published in (
            ("MMD-L2", -1, "28.0±0.1, 27.5±0.1"),
            ("COV-L2", 1, "0.05±0.006, 0.06±0.002"),
            ("MMD-Wass", -1, "1.56±0.08, 1.52±0.07"),
            ("COV-Wass", 1, "0.11±0.01, 0.12±0.01"),
            ("inception", 1, "4.6±0.1, 5.1±0.1"),
        )
    ),
    Claim(
        "11", "voxels", "after 20 batches chairs in voxels are in one piece", "",
        ("baseline, one piece", "topology, one piece", "baseline, energy", "topology, energy"),
        lambda n: n["topology, one piece"] > max(0.9, n["baseline, one piece"]),
    ),
    Claim(
        "-", "voxels", "(ours) with four times as many batches they are", "",
        ("longer, one piece", "longer, energy"), lambda n: n["longer, one piece"] > 0.9,
    ),
    *(
        Claim(
            "10", "voxels", f"voxels: {metric} improves", published,
            tuple(f"{who}, {metric}" for who in ("baseline", "topology")), _improves(metric, sign),
        )
        for metric, sign, published in (
            ("MMD-L2", -1, "33.7±0.8, 34.1±0.8"),
            ("COV-L2", 1, "0.10±0.01, 0.11±0.02"),
            ("MMD-Wass", -1, "4.3±1.4, 2.4±0.8"),
            ("COV-Wass", 1, "0.65±0.03, 0.65±0.03"),
        )
    ),
    Claim(
        "12", "attack", "MLP and CNN are always fooled", "1.00, 1.00",
        ("MLP, Adam, success", "CNN, Adam, success", "MLP, Adam, change", "CNN, Adam, change"),
        lambda n: min(n["MLP, Adam, success"], n["CNN, Adam, success"]) > 0.99,
    ),
    Claim(
        "12", "attack", "a classifier of diagrams is fooled four times less often", "0.252",
        (
            "topological, signs, success", "topological, Adam, success",
            "topological, signs, change", "topological, Adam, change",
        ),
        lambda n: n["topological, Adam, success"] < 0.35,
    ),
    Claim(
        "12", "attack", "its accuracy is .80 to .85 (drawn digits are easier)", "0.80 to 0.85",
        ("MLP, accuracy", "CNN, accuracy", "topological, accuracy"),
        lambda n: n["topological, accuracy"] > 0.8,
    ),
    Claim(
        "15", "comparison", "superlevel sets of a 9 have one clear ring, and so has its Rips", "",
        (
            "superlevel, longest ring", "superlevel, second ring",
            "Rips, longest ring", "Rips, second ring",
        ),
        lambda n: all(n[f"{f}, longest ring"] > 2 * n[f"{f}, second ring"] for f in FILTRATIONS),
    ),
    Claim(
        "16", "generator", "a changed code takes a digit's ring away", "",
        ("query, rings before", "query, rings after"),
        lambda n: n["query, rings after"] < 0.1,
    ),
    Claim(
        "18", "mapping", "two convolutions in front of the layer raise the accuracy", "0.84, 0.86",
        ("features, accuracy", "mapping, accuracy"),
        lambda n: n["mapping, accuracy"] > n["features, accuracy"],
    ),
    Claim(
        "19", "comparison", "with an L1 penalty a regression's accuracy improves", "",
        ("plain, accuracy", "L1, accuracy"),
        lambda n: n["L1, accuracy"] > n["plain, accuracy"],
    ),
    Claim(
        "19", "comparison", "and the diagram of its weights changes", "",
        ("plain, bars", "L1, bars", "plain, zero weights", "L1, zero weights"),
        lambda n: abs(n["L1, bars"] - n["plain, bars"]) > 0.1 * n["plain, bars"],
    ),
)  # fmt: skip
