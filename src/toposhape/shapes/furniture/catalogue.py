"""Any number of pieces of furniture, each by its category, seed and number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .body import Body, FurnitureShape
from .chairs import build_chair
from .design import Design
from .sofas import build_sofa
from .tables import build_table

__all__ = ["CATEGORIES", "make_shape"]

_BUILDERS: dict[str, Callable[[Design], Body]] = {
    "chair": build_chair,
    "table": build_table,
    "sofa": build_sofa,
}
CATEGORIES = tuple(_BUILDERS)


def make_shape(category: str, seed: int, index: int, *, thin_share: float = 0.1) -> FurnitureShape:
    """The index-th chair, table or sofa of a seed.

    It depends on the arguments alone, never on how many others are asked for.

    Args:
        category: One of :data:`CATEGORIES`.
        seed: Of the whole collection, not negative.
        index: Of the shape within category and seed, not negative.
        thin_share: Share of the designs whose parts may be thinner than 0.05 of the normalised
            shape (down to about 0.02), between 0 and 1.

    Returns:
        The shape in metres, y up, front towards +z, standing on y = 0.

    Raises:
        ValueError: For an unknown category, a negative seed or index, or a share outside [0, 1].
    """
    if category not in _BUILDERS:
        raise ValueError(f"unknown category {category!r}; choose from {', '.join(CATEGORIES)}")
    if seed < 0 or index < 0:
        raise ValueError(f"seed {seed} and index {index} must not be negative")
    if not 0 <= thin_share <= 1:
        raise ValueError(f"thin_share is {thin_share}; give a share between 0 and 1")
    key = [CATEGORIES.index(category), seed, index]
    design = Design(np.random.default_rng(key), thin_share)
    body = _BUILDERS[category](design)
    vertices, faces = body.mesh()
    if design.yes("mirrored", 0.5):  # left and right: desks and chaises are built on one side
        vertices, faces = vertices * [-1, 1, 1], faces[:, ::-1].copy()
    return FurnitureShape(vertices, faces, body.topology(), design.choices)
