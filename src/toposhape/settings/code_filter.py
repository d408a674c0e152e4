"""Which codes are tried after joint training, for the prior `filtered_density`."""

from pydantic import model_validator

from .base import Count, PositiveShare, Settings, key


class CodeFilter(Settings):
    """Codes near those of training shapes, of which some stay whose shapes are as wanted."""

    bandwidth: PositiveShare = key(
        0.35,
        "h: codes sqrt(1 - h^2) mu_i + h eps near those of each training shape are tried in turn",
    )
    wanted: Count = key(8, "... until so many of them make a shape that is as wanted")
    attempts: Count = key(24, "... or so many have been tried")
    kept: Count = key(4, "of these stay so many, whose diagrams are nearest to PD(mu_i)")
    one_piece: bool = key(True, "a wanted shape is in one piece")
    stands: bool = key(True, "... would stand, its centre of mass over its feet")
    nothing_dangles: bool = key(True, "... and has no part that ends in the air, as torn legs do")

    @model_validator(mode="after")
    def _kept_are_wanted(self) -> "CodeFilter":
        if not self.kept <= self.wanted <= self.attempts:
            raise ValueError(
                f"kept {self.kept} <= wanted {self.wanted} <= attempts {self.attempts} must hold"
            )
        return self
