"""Public names and where they are defined; the package loads each on its first use."""

from .evaluation.metrics import METRICS as METRICS
from .evaluation.set_scores import Reference as Reference
from .evaluation.set_scores import score_set as score_set
from .evaluation.shape_sets import field_set as field_set
from .generators.contract import Generator as Generator
from .generators.contract import Shape as Shape
from .generators.families import load as load
from .topology.diagram import Diagram as Diagram
from .topology.distances.wasserstein import diagram_distance as diagram_distance
from .topology.grids.persistence import superlevel_diagrams as superlevel_diagrams
from .topology.layers.grids import SuperlevelPersistence as SuperlevelPersistence
from .topology.repair import repair as repair

__version__: str
