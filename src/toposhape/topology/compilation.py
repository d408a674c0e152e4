"""Kernels compiled by numba on their first call and kept on disk; see `compile_cache`.

`kernel` marks a function that other kernels call, `entry` one that Python calls.  Kernels release
the GIL.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from .compile_cache import alone_in, announced, kernel_folder

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}

kernel = numba.njit(**OPTIONS)
"""Mark a function that is compiled into the entries that call it."""


class Entry:
    """A compiled function that Python calls with arrays and numbers."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._compiled: dict[tuple, Callable[..., Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        """Call the machine code for these argument types, compiling or loading it if needed."""
        kinds = tuple(_kind(argument) for argument in arguments)
        compiled = self._compiled.get(kinds)
        if compiled is None:
            compiled = self._prepare(kinds, arguments)
        return compiled(*arguments)

    def _prepare(self, kinds: tuple, arguments: tuple) -> Callable[..., Any]:
        """Load the machine code from its folder, or compile it there."""
        with self._lock:
            if kinds not in self._compiled:
                types = tuple(numba.typeof(argument) for argument in arguments)
                name = f"{self._function.__module__}.{self._function.__qualname__}"
                sources = Path(self._function.__code__.co_filename).parent
                folder = kernel_folder(self._function.__name__, f"{name}{types}", sources)
                with alone_in(folder), announced(name):
                    dispatcher = _cached_dispatcher(self._function, folder)
                    dispatcher.compile(types)
                self._compiled[kinds] = dispatcher
            return self._compiled[kinds]


def entry(function: Callable[..., Any]) -> Entry:
    """Mark a function that Python calls; its arguments are arrays and numbers."""
    return Entry(function)


def _kind(argument: Any) -> Any:
    """Return what decides the machine code: an array's type, dimensions and layout."""
    if isinstance(argument, np.ndarray):
        flags = argument.flags
        return argument.dtype.char, argument.ndim, flags.c_contiguous, flags.writeable
    return type(argument)


_config_lock = threading.Lock()


def _cached_dispatcher(function: Callable[..., Any], folder: Path) -> Any:
    """Return numba's dispatcher of the function with ``folder`` as its cache.

    numba takes the place of the cache from its configuration at the moment of decoration.
    """
    with _config_lock:
        configured = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)
        try:
            return numba.njit(cache=True, **OPTIONS)(function)
        finally:
            numba.config.CACHE_DIR = configured
