"""The generic functions of `links` with the code of both complexes behind them, for kernels."""

from . import cubical, freudenthal  # noqa: F401  they implement these functions
from .links import component_numbers, critical_triangles, forest, lower_link, spans

__all__ = ["component_numbers", "critical_triangles", "forest", "lower_link", "spans"]
