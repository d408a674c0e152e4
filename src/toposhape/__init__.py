"""Generators of 3D shapes with the right topology.

What people need most is named here and loaded on its first use: importing this package is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

__version__ = "0.1.0"  # as in pyproject.toml; the container and conda do not install the package

_LOADED_ON_USE = {
    "Diagram": "topology.diagram",
    "Generator": "generators.contract",
    "METRICS": "evaluation.metrics",
    "Reference": "evaluation.set_scores",
    "Shape": "generators.contract",
    "SuperlevelPersistence": "topology.layers.grids",
    "diagram_distance": "topology.distances.wasserstein",
    "field_set": "evaluation.shape_sets",
    "load": "generators.families",
    "repair": "topology.repair",
    "score_set": "evaluation.set_scores",
    "superlevel_diagrams": "topology.grids.persistence",
}

__all__ = sorted(_LOADED_ON_USE)


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LOADED_ON_USE[name]}", __name__), name)


def __dir__() -> list[str]:
    """Names of the module, those not loaded yet among them."""
    return sorted({*globals(), *__all__})
