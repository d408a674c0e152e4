"""What is shown, and which rows of the run figures show: by name."""

from typing import Annotated

from .base import Name, Settings, Unique, key


class Interpolation(Settings):
    """Figure 2: whose shapes stand on the way between two training shapes."""

    lipschitz: Name = key(..., "upper row: a variant, pretrained", source="reading 14")
    topological: Name = key(..., "lower row: a method with a diagram generator")
    categories: Annotated[tuple[Name, ...], Unique] = key(
        (), "categories that have this figure; [] all", neutral=()
    )


class Publication(Settings):
    """Figures and gallery; names are those of `methods` and `variants`; none: no such figure."""

    shapes_per_row: int = key(6, "of figures that show several", ge=1, le=100)
    overview_methods: Annotated[tuple[Name, ...], Unique] = key(
        (), "implicit methods of figure 1, barcodes, maps of codes, the gallery's walks"
    )
    interpolation: Interpolation | None = key(None, "rows of figure 2: a variant and a method")
    matrices_method: Name | None = key(None, "implicit method of figure 3")
    compared_methods: Annotated[tuple[Name, ...], Unique] = key((), "rows of figure 4, any methods")
    picture_pixels: int = key(
        320, "width and height of a shape in a figure", unit="pixels", ge=64, le=4096
    )

    @property
    def interpolated(self) -> tuple[Name | None, Name | None]:
        """Figure 2's variant and method; nobody where it is not drawn."""
        rows = self.interpolation
        return (rows.lipschitz, rows.topological) if rows else (None, None)

    def methods_shown(self) -> dict[str, tuple[str, ...]]:
        """Names of methods by the key that names them."""
        return {
            "overview_methods": self.overview_methods,
            "interpolation.topological": tuple(filter(None, self.interpolated[1:])),
            "matrices_method": tuple(filter(None, [self.matrices_method])),
            "compared_methods": self.compared_methods,
        }
