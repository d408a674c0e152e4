"""What stands above a function that becomes machine code; importing this imports numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",  # a division by zero raises nothing
    "boundscheck": False,
    "_nrt": False,  # without numba's memory management an allocation does not compile
}
INLINED = OPTIONS | {"forceinline": True}

Function = TypeVar("Function", bound=Callable[..., Any])


def inlined(function: Function) -> Function:
    """Mark a function that is compiled into the kernels that call it."""
    marked: Function = numba.njit(**INLINED)(function)
    return marked


def kernel(function: Callable[..., int]) -> Callable[..., int]:
    """Mark a function that Python calls, as a `calls.Kernel`.

    It takes C-contiguous arrays, named tuples of such arrays and int64, and returns an int64.
    """
    return function
