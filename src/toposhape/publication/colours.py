"""Colours that colour-blind people can tell apart; of plots, pictures and the gallery."""

from collections.abc import Sequence

INK = "#1c2430"
MUTED = "#66707d"
GRID = "#dfe3e8"
TRUTH = "#8a929c"

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#4d4d4d")
"""Okabe and Ito's colours, two of their light ones replaced by dark ones for thin lines."""

DEGREE_COLOURS = PALETTE[:3]
"""Of pieces, handles and cavities: the same in all figures and in the gallery."""

CLAY = (0.56, 0.63, 0.74)
"""Colour of shapes: display red, green and blue between 0 and 1."""

LOOSE = (0.85, 0.24, 0.16)
"""Colour of pieces that hang together with nothing."""


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for every name, in order; they repeat after eight."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}
