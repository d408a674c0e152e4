"""Generators of shapes and of diagrams, a folder for each family.

What is named here is loaded on its first use: importing this package is quick.
"""

from importlib import import_module
from typing import Any

_LOADED_ON_USE = {
    "CodeStatistics": "implicit.codes",
    "DiagramGenerator": "diagrams.network",
    "Examples": "contract",
    "Generator": "contract",
    "ImplicitDecoder": "implicit.decoder",
    "Shape": "contract",
    "VariationalCodes": "implicit.codes",
    "directional_divergence": "implicit.derivatives",
    "evaluate_on_grid": "implicit.fields",
    "generated_diagrams": "diagrams.network",
    "gradient": "implicit.derivatives",
    "grid_points": "implicit.fields",
    "lipschitz_bound": "implicit.lipschitz",
    "load": "families",
    "moment_divergence": "implicit.codes",
    "shape_divergence": "implicit.codes",
}

__all__ = sorted(_LOADED_ON_USE)


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LOADED_ON_USE[name]}", __name__), name)
