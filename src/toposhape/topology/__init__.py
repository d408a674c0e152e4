"""Topology of functions on grids: persistence diagrams and distances between them.

What needs numba, torch or pyarrow is loaded on its first use: importing this package is quick.
"""

from importlib import import_module
from typing import Any

from .diagram import Diagram
from .grids.persistence import sublevel_diagrams, superlevel_diagrams

_LOADED_ON_USE = {
    "AlphaPersistence": "layers.clouds",
    "BettiMatching": "layers.betti_matching",
    "MatchedDiagrams": "layers.betti_matching",
    "RipsPersistence": "layers.clouds",
    "DiagramBatch": "layers.diagram_batch",
    "LevelSetPersistence": "layers.level_sets",
    "SimplicialPersistence": "layers.simplicial",
    "SuperlevelPersistence": "layers.grids",
    "TensorDiagram": "layers.grids",
    "critical_values": "layers.grids",
    "diagram_energy": "features.energy",
    "longest": "features.energy",
    "polynomial_features": "features.energy",
    "betti_curve": "features.curves",
    "landscape": "features.curves",
    "persistence_image": "features.curves",
    "silhouette": "features.curves",
    "carlsson_coordinates": "features.summaries",
    "persistence_entropy": "features.summaries",
    "betti_number_loss": "losses.betti",
    "betti_matching_loss": "losses.betti_matching",
    "bottleneck_loss": "losses.targets",
    "sliced_wasserstein_loss": "losses.targets",
    "wasserstein_loss": "losses.targets",
    "diagram_distance": "distances.wasserstein",
    "diagram_distances": "distances.wasserstein",
    "distribution_distance": "distances.wasserstein",
    "matched_diagram_cost": "layers.grids",
    "StoredDiagram": "tables",
    "read_diagrams": "tables",
    "write_diagrams": "tables",
}

__all__ = [
    *_LOADED_ON_USE,
    "Diagram",
    "sublevel_diagrams",
    "superlevel_diagrams",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LOADED_ON_USE[name]}", __name__), name)
