"""Networks that generate shapes: the implicit decoder, its codes, its derivatives; diagrams."""

from .codes import CodeStatistics, VariationalCodes, moment_divergence, shape_divergence
from .decoder import ImplicitDecoder
from .derivatives import directional_divergence, gradient
from .diagram_generator import DiagramGenerator, generated_diagrams
from .fields import evaluate_on_grid, grid_points
from .lipschitz import lipschitz_bound

__all__ = [
    "CodeStatistics",
    "DiagramGenerator",
    "ImplicitDecoder",
    "VariationalCodes",
    "directional_divergence",
    "evaluate_on_grid",
    "generated_diagrams",
    "gradient",
    "grid_points",
    "lipschitz_bound",
    "moment_divergence",
    "shape_divergence",
]
