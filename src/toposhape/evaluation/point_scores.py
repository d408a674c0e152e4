"""Scores of sets of clouds as papers on point clouds print them: MMD, COV, 1-NNA, JSD."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chamfer import chamfer_matrix
from .earth_mover import earth_mover_matrix
from .metrics import Metric
from .occupancy_divergence import occupancy_divergence
from .scores import coverage, nearest, nearest_neighbour_accuracy

CLOUD_METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "mmd_cd", "MMD-CD", 1000, "x 1000", "lower",
            "mean over reference clouds of the Chamfer distance to the nearest synthetic one",
        ),
        Metric(
            "mmd_emd", "MMD-EMD", 100, "x 100", "lower",
            "the same with the exact earth mover's distance",
        ),
        Metric(
            "cov_cd", "COV-CD", 100, "%", "higher",
            "share of reference clouds that are the nearest one of a synthetic cloud (Chamfer)", 1,
        ),
        Metric("cov_emd", "COV-EMD", 100, "%", "higher", "the same with that distance", 1),
        Metric(
            "nna_cd", "1-NNA-CD", 100, "%", "reference",
            "how often the nearest neighbour (Chamfer) tells where a cloud is from; 50 % is ideal",
            1,
        ),
        Metric("nna_emd", "1-NNA-EMD", 100, "%", "reference", "the same with that distance", 1),
        Metric(
            "jsd", "JSD", 1000, "x 1000", "lower",
            "Jensen-Shannon divergence of the points of both sets over 28^3 cells, in bits",
        ),
    )
}  # fmt: skip
"""All of them, in the order of tables."""


@dataclass(frozen=True, eq=False)
class CloudReference:
    """Clouds to compare with, and the distances within them, which are computed once.

    Attributes:
        clouds: (m, P, 3).
        chamfer: (m, m).
        earth_mover_points: of a cloud, its first ones, in earth mover's distances.
        earth_mover: (m, m).
    """

    clouds: NDArray[np.float32]
    chamfer: NDArray[np.float64]
    earth_mover_points: int
    earth_mover: NDArray[np.float64]

    @classmethod
    def of(
        cls, clouds: NDArray[np.float32], earth_mover_points: int, threads: int | None = None
    ) -> "CloudReference":
        """Compute the distances within a set.

        Raises:
            ValueError: if clouds have fewer points than earth mover's distances are to take.
        """
        few = _first(clouds, earth_mover_points)
        return cls(
            clouds,
            chamfer_matrix(clouds, threads=threads),
            earth_mover_points,
            earth_mover_matrix(few, threads=threads),
        )


def score_clouds(
    synthetic: NDArray[np.float32],
    reference: CloudReference,
    *,
    earth_mover: bool = True,
    threads: int | None = None,
) -> Mapping[str, float]:
    """The scores of one set of clouds.

    Args:
        synthetic: (n, P, 3), points as many as the reference's.
        reference: to compare with.
        earth_mover: whether earth mover's distances are taken: of n clouds of 512 points they are
            3 n^2 / 2 assignments of about 0.03 s.
        threads: of matrices; all cores by default.

    Returns:
        Plain values by the names of `CLOUD_METRICS`; without earth mover's distances the others.

    Raises:
        ValueError: if clouds have other numbers of points than the reference.
    """
    if synthetic.shape[1:] != reference.clouds.shape[1:]:
        raise ValueError(
            f"clouds are compared by equally many points, not {synthetic.shape[1:]} and "
            f"{reference.clouds.shape[1:]} of the reference"
        )
    between = chamfer_matrix(reference.clouds, synthetic, threads=threads)
    within = chamfer_matrix(synthetic, threads=threads)
    scores = _of_distances("cd", between, reference.chamfer, within)
    if earth_mover:
        few, theirs = (
            _first(clouds, reference.earth_mover_points) for clouds in (synthetic, reference.clouds)
        )
        between = earth_mover_matrix(theirs, few, threads=threads)
        within = earth_mover_matrix(few, threads=threads)
        scores |= _of_distances("emd", between, reference.earth_mover, within)
    return scores | {"jsd": occupancy_divergence(synthetic, reference.clouds)}


def _of_distances(
    kind: str,
    between: NDArray[np.float64],
    reference: NDArray[np.float64],
    synthetic: NDArray[np.float64],
) -> dict[str, float]:
    return {
        f"mmd_{kind}": nearest(between),
        f"cov_{kind}": coverage(between),
        f"nna_{kind}": nearest_neighbour_accuracy(between, reference, synthetic),
    }


def _first(clouds: NDArray[np.float32], points: int) -> NDArray[np.float32]:
    if points > clouds.shape[1]:
        raise ValueError(f"earth mover's distances of {points} of {clouds.shape[1]} points")
    return clouds[:, :points]
