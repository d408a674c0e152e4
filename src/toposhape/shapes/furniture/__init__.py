"""Procedural furniture whose topology is known because it was designed.

Chairs, tables and sofas are put together from solids with :mod:`manifold3d`; each joint is booked
while it is made (:mod:`toposhape.shapes.furniture.body`), so that every shape carries its Betti
numbers without its mesh ever being asked.
"""

from .body import DeclaredTopology, FurnitureShape
from .catalogue import CATEGORIES, make_shape

__all__ = ["CATEGORIES", "DeclaredTopology", "FurnitureShape", "make_shape"]
