"""The chapter of the ShapeGF paper."""

from typing import Annotated

from .base import Count, Name, Settings, Unique, key
from .methods import GradientFieldMethod, Prior

ROWS: dict[Prior, Name] = {
    "gan": "ShapeGF",
    "diffusion": "ShapeGF-diffusion",
    "gaussian": "ShapeGF-Gaussian",
}
"""Names of rows by their priors."""


class PointClouds(Settings):
    """`snakemake --cores all point_clouds`; nothing else depends on these keys."""

    category: Name | None = key(None, "whose shapes it is about; null: the run's first one")
    priors: Annotated[tuple[Prior, ...], Unique] = key(
        ("gan", "diffusion", "gaussian"),
        "of codes: rows of its tables, with one denoiser of points",
        source="published: gan",
        min_length=1,
    )
    compared: Annotated[tuple[Name, ...], Unique] = key(
        (), "methods of the run that are rows, too; points of their surfaces count as clouds"
    )
    draws: int = key(1, "sets of shapes of each row", ge=1, le=1000)
    points: Count = key(
        1024, "of a cloud in Chamfer distances and reconstructions", source="paper: 2048"
    )
    earth_mover_points: Count = key(
        256, "of a cloud in matrices of earth mover's distances, first set", source="paper: 2048"
    )
    letter_epochs: Count = key(100, "of the field of letters, in two dimensions")
    ablation_epochs: Count = key(20, "of each field of letters in the ablation")

    @property
    def methods(self) -> dict[Name, GradientFieldMethod]:
        """The rows by their names."""
        return {ROWS[prior]: GradientFieldMethod(prior=prior) for prior in self.priors}
