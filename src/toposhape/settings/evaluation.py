"""What is synthesised and scored."""

from .base import Count, Settings, key
from .implicit import Reconstruction


class Evaluation(Settings):
    """Synthetic shapes and their scores: equation (2), readings 6 and 13."""

    draws: int = key(10, "sets of codes z ~ N(0, I)", source="paper: ten", ge=1, le=1000)
    posterior_draws: int = key(
        2, "further sets, of codes from the posteriors of the training shapes", ge=1, le=1000
    )
    shapes_per_draw: Count | None = key(
        None,
        "shapes of a set; null: as many as there are test shapes",
        source="equation 2, reading 6",
    )
    chamfer_points: int = key(
        2048, "points of a shape in matrices of Chamfer distances", ge=1, le=1_000_000
    )
    reconstruction: Reconstruction = key(Reconstruction(), "fitting a code to a test shape")
