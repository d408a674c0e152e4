"""Topology of functions on grids: persistence diagrams and distances between them."""

from .diagram import Diagram
from .persistence import superlevel_diagrams

__all__ = ["Diagram", "superlevel_diagrams"]
