"""The names of all scores, how they are shown, and which way is better: one list for all."""

from typing import Literal, NamedTuple

Direction = Literal["lower", "higher", "reference"]


class Metric(NamedTuple):
    """One score.

    Attributes:
        name: as in score tables.
        title: as people read it.
        factor: what the plain value is multiplied by when shown.
        unit: what that factor is called.
        direction: which values are better; "reference" means those near the row of the training
            shapes.
        definition: one sentence for a footnote.
        decimals: shown after the point.

    Examples:
        >>> METRICS["pd_lap"].title, METRICS["pd_lap"].unit, METRICS["pd_lap"].direction
        ('PD-LAP', 'x 100', 'lower')
    """

    name: str
    title: str
    factor: float
    unit: str
    direction: Direction
    definition: str
    decimals: int = 2


_PD_PART = "the same with points of degree {} only ({}), each by its own assignment"

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "pd_lap",
            "PD-LAP",
            100,
            "x 100",
            "lower",
            "mean cost of the optimal one-to-one assignment between the persistence diagrams of n "
            "synthetic and n test shapes (equation 2); the cost of a pair is the squared "
            "2-Wasserstein distance, summed over degrees 0, 1, 2 (equation 1)",
        ),
        Metric("pd_lap_h0", "PD-LAP H0", 100, "x 100", "lower", _PD_PART.format(0, "pieces"), 3),
        Metric("pd_lap_h1", "PD-LAP H1", 100, "x 100", "lower", _PD_PART.format(1, "handles"), 3),
        Metric("pd_lap_h2", "PD-LAP H2", 100, "x 100", "lower", _PD_PART.format(2, "cavities"), 3),
        Metric(
            "energy_distance",
            "energy distance",
            100,
            "x 100",
            "lower",
            "2 E d(S, T) - E d(S, S') - E d(T, T') of the distance d (square root of equation 1) "
            "of the diagrams of synthetic S and test T, pairs of different shapes; about 0 for "
            "equal distributions, more where the right mean or the right variety is missing",
        ),
        Metric(
            "spread",
            "spread",
            100,
            "x 100",
            "reference",
            "mean distance (the square root of equation 1) between the diagrams of two different "
            "shapes of the same set: variety; less than of the test shapes means collapse",
        ),
        Metric(
            "cd_nearest",
            "CD-mean",
            1000,
            "x 1000",
            "lower",
            "mean over test shapes of the Chamfer distance to the nearest synthetic shape (also "
            "called MMD); Chamfer is the mean squared distance to the nearest point, both ways "
            "summed, in units in which the farthest vertex of a shape lies at 1 / 1.03",
        ),
        Metric(
            "cd_assigned",
            "CD assigned",
            1000,
            "x 1000",
            "lower",
            "mean Chamfer distance of the optimal one-to-one assignment of synthetic to test "
            "shapes",
        ),
        Metric(
            "cd_reconstruction",
            "CD reconstruction",
            1000,
            "x 1000",
            "lower",
            "mean Chamfer distance of test shapes to what the generator makes of a code fitted "
            "to them",
        ),
        Metric(
            "coverage",
            "COV",
            100,
            "%",
            "higher",
            "share of the test shapes that are the nearest one of some synthetic shape (Chamfer)",
            1,
        ),
        Metric(
            "one_nna",
            "1-NNA",
            100,
            "%",
            "reference",
            "how often the nearest neighbour (Chamfer) tells whether a shape is synthetic or from "
            "the test set; 50 % is ideal, less means copies",
            1,
        ),
        Metric("one_piece_share", "one piece", 100, "%", "higher", "shapes of one component", 1),
        Metric(
            "one_piece_share_dilated",
            "one piece, gaps closed",
            100,
            "%",
            "higher",
            "shapes of one component once gaps thinner than 0.04 are closed",
            1,
        ),
        Metric(
            "handles_mean",
            "handles",
            1,
            "per shape",
            "reference",
            "mean first Betti number of the solid",
        ),
        Metric("empty_share", "empty", 100, "%", "lower", "shapes without any surface", 1),
        Metric(
            "false_pieces",
            "false pieces",
            1,
            "per shape",
            "lower",
            "mean number of pieces beyond the first",
        ),
        Metric(
            "handle_error",
            "handle error",
            1,
            "per shape",
            "lower",
            "distance between the distributions of handle numbers of synthetic and test shapes "
            "(1-Wasserstein: so many handles a shape would have to be added or removed)",
        ),
        Metric(
            "handles_in_place",
            "handles in place",
            100,
            "%",
            "higher",
            "share of the handles of synthetic and test shapes that can be paired, one to one, "
            "with a handle of the other set whose middle is nearer than 0.2",
            1,
        ),
        Metric(
            "largest_share",
            "largest piece",
            100,
            "%",
            "higher",
            "share of a shape's volume that is in its largest piece",
            1,
        ),
        Metric(
            "stands_share",
            "stands",
            100,
            "%",
            "higher",
            "shapes whose largest piece would stand: it reaches the lowest point of the shape, and "
            "its centre of mass is over the convex hull of its feet",
            1,
        ),
        Metric(
            "nothing_dangles_share",
            "nothing dangles",
            100,
            "%",
            "higher",
            "shapes of which no part hangs down by more than 0.1 and ends in the air, or rises as "
            "far and ends below something, as torn legs do (local minima and maxima of height)",
            1,
        ),
        Metric(
            "handle_cost",
            "handle cost",
            100,
            "x 100",
            "reference",
            "mean cost of closing a shape's handles (equation 1 against no points of degree 1)",
        ),
        Metric(
            "long_handles",
            "long handles",
            1,
            "per shape",
            "reference",
            "mean number of degree-1 points that persist longer than 0.1",
        ),
        Metric(
            "mirror_distance",
            "mirror distance",
            1000,
            "x 1000",
            "reference",
            "mean Chamfer distance of shapes to their mirror images, left for right",
        ),
        Metric(
            "novelty",
            "novelty",
            1000,
            "x 1000",
            "reference",
            "mean Chamfer distance of shapes to the nearest training shape; of validation shapes "
            "it is what new shapes of the right kind have, less means copies",
        ),
        Metric(
            "novelty_median",
            "novelty, median",
            1000,
            "x 1000",
            "reference",
            "the median of the same distances",
        ),
        Metric(
            "pd_lap_posterior",
            "PD-LAP, posterior codes",
            100,
            "x 100",
            "lower",
            "PD-LAP of shapes whose codes are drawn from the posteriors of the training shapes "
            "instead of N(0, I)",
        ),
        Metric(
            "energy_distance_posterior",
            "energy distance, posterior codes",
            100,
            "x 100",
            "lower",
            "the energy distance of the same shapes",
        ),
        Metric(
            "cd_nearest_posterior",
            "CD-mean, posterior codes",
            1000,
            "x 1000",
            "lower",
            "CD-mean of the same shapes",
        ),
        Metric(
            "one_piece_share_posterior",
            "one piece, posterior codes",
            100,
            "%",
            "higher",
            "of the same shapes",
            1,
        ),
        Metric(
            "generator_pd_lap",
            "PD-LAP of PD(z)",
            100,
            "x 100",
            "lower",
            "PD-LAP of the diagram generator's diagrams of the same codes, against test shapes",
        ),
        Metric(
            "pd_lap_training",
            "PD-LAP against training",
            100,
            "x 100",
            "lower",
            "PD-LAP of synthetic shapes against as many training shapes as there are (figure 3, "
            "left)",
        ),
        Metric(
            "generator_pd_lap_training",
            "PD-LAP of PD(z) against training",
            100,
            "x 100",
            "lower",
            "the same of the diagram generator's diagrams (figure 3, right)",
        ),
    )
}
"""All scores by name, in the order of the detailed table."""
