"""Topology of functions on grids: persistence diagrams and distances between them.

What needs torch or pyarrow is loaded on its first use.
"""

from importlib import import_module
from typing import Any

from .diagram import Diagram
from .distances import diagram_distance, diagram_distances, distribution_distance
from .persistence import superlevel_diagrams

_LOADED_ON_USE = {
    "SuperlevelPersistence": "layer",
    "TensorDiagram": "layer",
    "critical_values": "layer",
    "matched_diagram_cost": "layer",
    "StoredDiagram": "tables",
    "read_diagrams": "tables",
    "write_diagrams": "tables",
}

__all__ = [
    "Diagram",
    "StoredDiagram",
    "SuperlevelPersistence",
    "TensorDiagram",
    "critical_values",
    "diagram_distance",
    "diagram_distances",
    "distribution_distance",
    "matched_diagram_cost",
    "read_diagrams",
    "superlevel_diagrams",
    "write_diagrams",
]


def __getattr__(name: str) -> Any:
    """Load a public name from the module that needs torch or pyarrow."""
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LOADED_ON_USE[name]}", __name__), name)
