"""Persistence diagrams of functions on grids, exact, by superlevel or sublevel sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeGuard, get_args, overload

import numpy as np
from numpy.typing import NDArray

from ..diagram import Diagram

Complex = Literal["freudenthal", "cubical"]
Engine = Literal["native", "gudhi"]
COMPLEXES: tuple[str, ...] = get_args(Complex)
ENGINES: tuple[str, ...] = get_args(Engine)
MAX_VERTICES = 2_000_000_000
"""Vertices of a field with its padding: their indices are 32-bit integers."""


@overload
def superlevel_diagrams(
    fields: NDArray[np.floating],
    *,
    complex: Complex = ...,
    min_persistence: float = ...,
    engine: Engine = ...,
    threads: int | None = ...,
    essential: bool = ...,
) -> Diagram | list[Diagram]: ...


@overload
def superlevel_diagrams(
    fields: Sequence[NDArray[np.floating]],
    *,
    complex: Complex = ...,
    min_persistence: float = ...,
    engine: Engine = ...,
    threads: int | None = ...,
    essential: bool = ...,
) -> list[Diagram]: ...


def superlevel_diagrams(
    fields: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    *,
    complex: Complex = "freudenthal",
    min_persistence: float = 0.0,
    engine: Engine = "native",
    threads: int | None = None,
    essential: bool = False,
) -> Diagram | list[Diagram]:
    """Compute the diagrams of the superlevel sets of grid functions, degrees 0, 1 and 2.

    Args:
        fields: one field, an array of shape ``(N,)``, ``(H, W)`` or ``(D, H, W)``, or a batch: a
            4-D array or a list of fields, whose shapes may differ.  Fields are numpy arrays of
            float32 or float64, with any strides.
        complex: ``"freudenthal"`` is the grid with every cell cut into six tetrahedra along its
            main diagonal (a vertex has 14 neighbours), the paper's complex.  ``"cubical"`` is the
            V-construction: a cube is in when its corners are in.
        min_persistence: points with ``birth - death`` below this are left out; points of
            persistence zero always are.
        engine: ``"native"`` is this package's own; ``"gudhi"`` asks gudhi, for comparison.
        threads: fields computed at the same time; all cores that the process may use by default.
        essential: also tell where the component is born that never dies.

    Returns:
        A `Diagram` for one field, a list of them for a batch.

    Raises:
        ValueError: for a NaN or an infinity, an empty field, a wrong number of dimensions, or an
            unknown option.
        TypeError: for a field that is no numpy array (a tensor, a nested list), has a mask, or is
            not float32 or float64.

    Examples:
        Two tops, 2 and 3; the lower one joins the other at 0.

        >>> import numpy as np
        >>> superlevel_diagrams(np.array([2.0, 0.0, 3.0, 1.0])).points[0]
        array([[0., 2.]])
    """
    return _level_set_diagrams(
        fields, complex, min_persistence, engine, threads, superlevel=True, essential=essential
    )


def sublevel_diagrams(
    fields: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    *,
    complex: Complex = "freudenthal",
    min_persistence: float = 0.0,
    engine: Engine = "native",
    threads: int | None = None,
    essential: bool = False,
) -> Diagram | list[Diagram]:
    """Compute the diagrams of the sublevel sets; all else is as in `superlevel_diagrams`.

    Examples:
        >>> import numpy as np
        >>> sublevel_diagrams(np.array([2.0, 0.0, 3.0, 1.0]), essential=True).points[0]
        array([[1., 3.]])
    """
    return _level_set_diagrams(
        fields, complex, min_persistence, engine, threads, superlevel=False, essential=essential
    )


def _level_set_diagrams(
    fields: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    complex: str,
    min_persistence: float,
    engine: str,
    threads: int | None,
    **sets: bool,
) -> Diagram | list[Diagram]:
    """Check the options and give the fields names."""
    _require("complex", complex, COMPLEXES)
    _require("engine", engine, ENGINES)
    if not min_persistence >= 0:
        raise ValueError(f"min_persistence must be a number >= 0, got {min_persistence!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1 (or None for all cores), got {threads}")
    if _is_array(fields) and getattr(fields, "ndim", 0) < 4:
        return _diagrams({"the field": fields}, complex, min_persistence, engine, 1, **sets)[0]
    batch = {f"field {i} of the batch": field for i, field in enumerate(fields)}
    return _diagrams(batch, complex, min_persistence, engine, threads, **sets)


def _diagrams(
    fields: dict[str, NDArray[np.floating]],
    complex: str,
    min_persistence: float,
    engine: str,
    threads: int | None,
    *,
    superlevel: bool,
    essential: bool,
) -> list[Diagram]:
    """Compute the diagrams of fields that have names; each engine is loaded on its first use."""
    if engine == "native":
        from .engine import critical_pairs
    else:
        from .gudhi_engine import critical_pairs
    grids = [_checked(field, name) for name, field in fields.items()]
    rising = grids if superlevel else [-grid for grid in grids]
    diagrams = []
    for (name, field), grid, pairs in zip(
        fields.items(), grids, critical_pairs(rising, complex, threads), strict=True
    ):
        if pairs is None:
            raise _not_finite(field, name)
        if not superlevel:
            pairs = tuple(p[:, ::-1] for p in pairs)
        births = _essential(grid, superlevel) if essential else None
        diagrams.append(Diagram.from_vertices(grid, pairs, min_persistence, superlevel, births))
    return diagrams


def _essential(grid: NDArray[np.floating], superlevel: bool) -> tuple[NDArray[np.floating], ...]:
    """Return where the one class that never dies is born, for each degree."""
    birth = np.array([grid.max() if superlevel else grid.min()])
    return birth, birth[:0], birth[:0]


def _require(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse an unknown value of an option."""
    if value not in allowed:
        raise ValueError(f"{option} must be one of {', '.join(allowed)}; got {value!r}")


def _is_array(value: Any) -> TypeGuard[NDArray[np.floating]]:
    """Tell whether a value is one array, of numpy or of another library, and no list of them."""
    return isinstance(value, np.ndarray) or hasattr(value, "__array__")


def _checked(field: NDArray[np.floating], name: str) -> NDArray[np.floating]:
    """Return a view of the field as ``(D, H, W)``, or say what is wrong with it."""
    if not isinstance(field, np.ndarray):
        tensor = type(field).__module__.split(".")[0] == "torch"
        remedy = ".detach().cpu().numpy()" if tensor else "np.asarray(..., dtype=np.float32)"
        raise TypeError(f"{name} is a {type(field).__name__} and no numpy array: use {remedy}")
    if hasattr(field, "mask"):  # as np.ma.MaskedArray has; numpy loads that class on its first use
        raise TypeError(
            f"{name} is a masked array, and no diagram is defined where values are missing: say "
            "with .filled(value) what lies under the mask"
        )
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
    return field.reshape((1,) * (3 - field.ndim) + field.shape)


def _not_finite(field: NDArray[np.floating], name: str) -> ValueError:
    """Describe the first NaN or infinity of a field."""
    bad = np.argwhere(~np.isfinite(field))
    position = tuple(int(i) for i in bad[0])
    return ValueError(
        f"{name} holds {field[position]} at index {position} and is not finite at {len(bad)} of "
        f"its {field.size} vertices; persistence needs finite values: mask or clamp them first"
    )
