"""Persistence diagrams of functions on grids, exact, by superlevel sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .diagram import Diagram
from .parallel import run_in_threads

COMPLEXES = ("freudenthal", "cubical")
ENGINES = ("native", "gudhi")
MAX_VERTICES = 2_000_000_000
"""Vertices of a field with its padding: their indices are 32-bit integers."""


def superlevel_diagrams(
    fields: NDArray[np.floating] | Sequence[ArrayLike],
    *,
    complex: Literal["freudenthal", "cubical"] = "freudenthal",
    min_persistence: float = 0.0,
    engine: Literal["native", "gudhi"] = "native",
    threads: int | None = None,
) -> Diagram | list[Diagram]:
    """Compute the diagrams of the superlevel sets of grid functions, degrees 0, 1 and 2.

    Args:
        fields: one field of shape ``(N,)``, ``(H, W)`` or ``(D, H, W)``, or a batch: a 4-D array or
            a sequence of fields, whose shapes may differ.  float32 or float64, any strides.
        complex: ``"freudenthal"`` is the grid with every cell cut into six tetrahedra along its
            main diagonal (a vertex has 14 neighbours), the paper's complex.  ``"cubical"`` is the
            V-construction: a cube is in when its corners are in.
        min_persistence: points with ``birth - death`` below this are left out; points of
            persistence zero always are.
        engine: ``"native"`` is this package's own; ``"gudhi"`` asks gudhi, for comparison.
        threads: fields computed at the same time; all cores that the process may use by default.

    Returns:
        A `Diagram` for one field, a list of them for a batch.

    Raises:
        ValueError: for a NaN or an infinity, an empty field, a wrong number of dimensions, or an
            unknown option.
        TypeError: for a field that is not float32 or float64.
    """
    _require("complex", complex, COMPLEXES)
    _require("engine", engine, ENGINES)
    if not min_persistence >= 0:
        raise ValueError(f"min_persistence must be a number >= 0, got {min_persistence!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1 (or None for all cores), got {threads}")
    if isinstance(fields, np.ndarray) and fields.ndim < 4:
        return _diagram(
            _checked(fields, "the field"), "the field", complex, min_persistence, engine
        )
    names = [f"field {i} of the batch" for i in range(len(fields))]
    batch = [_checked(np.asarray(f), name) for f, name in zip(fields, names, strict=True)]
    diagrams: list[Diagram | None] = [None] * len(batch)

    def fill(i: int) -> None:
        diagrams[i] = _diagram(batch[i], names[i], complex, min_persistence, engine)

    run_in_threads(fill, len(batch), threads if engine == "native" else 1)
    return diagrams


def _diagram(
    field: NDArray[np.floating], name: str, complex: str, min_persistence: float, engine: str
) -> Diagram:
    """Compute one diagram; each engine is loaded on its first use."""
    if engine == "native":
        from .native import critical_pairs
    else:
        from .gudhi_engine import critical_pairs
    grid = np.ascontiguousarray(field).reshape((1,) * (3 - field.ndim) + field.shape)
    pairs = critical_pairs(grid, complex)
    if pairs is None:
        raise _not_finite(field, name)
    return Diagram.from_vertices(grid, pairs, min_persistence)


def _require(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse an unknown value of an option."""
    if value not in allowed:
        raise ValueError(f"{option} must be one of {', '.join(allowed)}; got {value!r}")


def _checked(field: NDArray[np.floating], name: str) -> NDArray[np.floating]:
    """Return the field, or say what is wrong with it."""
    if field.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{name} has dtype {field.dtype}; convert it with .astype(np.float32) or np.float64"
        )
    if not 1 <= field.ndim <= 3 or field.size == 0:
        raise ValueError(
            f"{name} has shape {field.shape}; (N,), (H, W) or (D, H, W) without zeros is needed"
        )
    if math.prod(n + 1 for n in field.shape) > MAX_VERTICES:
        raise ValueError(f"{name} has shape {field.shape}; at most {MAX_VERTICES} vertices fit")
    return field


def _not_finite(field: NDArray[np.floating], name: str) -> ValueError:
    """Describe the first NaN or infinity of a field."""
    bad = np.argwhere(~np.isfinite(field))
    position = tuple(int(i) for i in bad[0])
    return ValueError(
        f"{name} holds {field[position]} at index {position} and is not finite at {len(bad)} of "
        f"its {field.size} vertices; persistence needs finite values: mask or clamp them first"
    )
