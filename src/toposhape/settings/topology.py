"""How a field becomes persistence diagrams."""

from typing import Literal

from .base import NotNegative, Settings, key


class Topology(Settings):
    """How a field becomes persistence diagrams (readings 1 to 4)."""

    complex: Literal["freudenthal", "cubical"] = key(
        "freudenthal", "the paper's triangulated grid, or cubical", source="reading 2"
    )
    side: Literal["interior", "exterior"] = key(
        "interior",
        "interior: superlevel sets of -f, pieces and handles of the shape; exterior: of f",
        source="reading 1",
    )
    min_persistence: NotNegative = key(
        0.01,
        "points nearer to the diagonal are dropped",
        unit="normalised units",
        source="reading 4, the authors' layer",
        le=1,
    )
    engine: Literal["native", "gudhi"] = key(
        "native", "what computes diagrams: native, or gudhi for comparison"
    )
