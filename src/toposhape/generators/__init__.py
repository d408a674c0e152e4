"""Networks that generate shapes: the implicit decoder, its latent codes, its derivatives."""

from .codes import CodeStatistics, VariationalCodes, moment_divergence, shape_divergence
from .decoder import ImplicitDecoder
from .derivatives import directional_divergence, gradient
from .fields import evaluate_on_grid, grid_points

__all__ = [
    "CodeStatistics",
    "ImplicitDecoder",
    "VariationalCodes",
    "directional_divergence",
    "evaluate_on_grid",
    "gradient",
    "grid_points",
    "moment_divergence",
    "shape_divergence",
]
