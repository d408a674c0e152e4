"""Public names and where they are defined; the room loads each on its first use."""

from .contract import Examples as Examples
from .contract import Generator as Generator
from .contract import Shape as Shape
from .diagrams.network import DiagramGenerator as DiagramGenerator
from .diagrams.network import generated_diagrams as generated_diagrams
from .families import load as load
from .implicit.codes import CodeStatistics as CodeStatistics
from .implicit.codes import VariationalCodes as VariationalCodes
from .implicit.codes import moment_divergence as moment_divergence
from .implicit.codes import shape_divergence as shape_divergence
from .implicit.decoder import ImplicitDecoder as ImplicitDecoder
from .implicit.derivatives import directional_divergence as directional_divergence
from .implicit.derivatives import gradient as gradient
from .implicit.fields import evaluate_on_grid as evaluate_on_grid
from .implicit.fields import grid_points as grid_points
from .implicit.lipschitz import lipschitz_bound as lipschitz_bound
