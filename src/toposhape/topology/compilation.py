"""Compiled kernels: machine code that is made once per machine and kept.

`kernel` marks a function that other kernels call.  `entry` marks one that Python calls: it is
compiled on its first call and kept in the user's cache folder (``NUMBA_CACHE_DIR`` if that is set,
``$XDG_CACHE_HOME/toposhape`` or ``~/.cache/toposhape`` otherwise), never beside the source, which
may be read-only.  The folder's name holds a digest of the sources, so an edit in any file of the
package part is seen, and of the processor, so that machines may share a home.  Processes that start
together wait for the first of them to compile.  Kernels release the GIL.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np

PATIENCE_SECONDS = 3.0
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}

kernel = numba.njit(**OPTIONS)
"""Mark a function that is compiled into the entries that call it."""

inlined_kernel = numba.njit(inline="always", **OPTIONS)
"""Mark a small function whose body is copied into its callers."""


class Entry:
    """A compiled function that Python calls; see the module's text."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any] = OPTIONS) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._options = options
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
        """Load the machine code from the cache folder, or compile it there."""
        with self._lock:
            if kinds not in self._compiled:
                types = tuple(numba.typeof(argument) for argument in arguments)
                name = f"{self._function.__module__}.{self._function.__qualname__}"
                folder = _cache_folder(self._function, f"{name}{types}")
                with _alone_in(folder), _announced(name):
                    dispatcher = _cached_dispatcher(self._function, folder, self._options)
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
    if isinstance(argument, tuple):
        return type(argument), *map(_kind, argument)
    return type(argument)


_config_lock = threading.Lock()


def _cached_dispatcher(function: Callable[..., Any], folder: Path, options: dict[str, Any]) -> Any:
    """Return numba's dispatcher of the function with ``folder`` as its cache.

    numba takes the place of the cache from its configuration at the moment of decoration.
    """
    with _config_lock:
        configured = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)
        try:
            return numba.njit(cache=True, **options)(function)
        finally:
            numba.config.CACHE_DIR = configured


def _cache_folder(function: Callable[..., Any], signature: str) -> Path:
    """Return the folder of one entry and signature, made if needed.

    One folder for each keeps processes that compile different kernels out of each other's index.
    """
    source = Path(function.__code__.co_filename)
    digest = hashlib.sha256(_machine().encode())
    digest.update(_sources_digest(source.parent))
    digest.update(signature.encode())
    folder = _cache_root() / f"{function.__name__}-{digest.hexdigest()[:20]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def _machine() -> str:
    """Describe what the machine code depends on besides the sources."""
    processor = llvmlite.binding.get_host_cpu_name()
    return f"{processor} {sys.version} numba {numba.__version__} llvmlite {llvmlite.__version__}"


@functools.cache
def _sources_digest(folder: Path) -> bytes:
    """Return a digest of the Python sources of a folder and of this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for source in sorted(folder.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.digest()


@functools.cache
def _cache_root() -> Path:
    """Return the writable folder that holds all compiled kernels.

    Without a writable home it is a folder of the temporary directory that only this user may
    enter: what lies in a cache is executed.

    Raises:
        PermissionError: if that folder belongs to somebody else.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    chosen = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(home) / "toposhape")
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            return chosen
    except OSError:
        private = Path(tempfile.gettempdir()) / f"toposhape-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    state = private.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(
            f"{private} is open to other users; set NUMBA_CACHE_DIR to a folder of your own"
        )
    return private


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes out of a cache folder while one compiles or loads."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _announced(name: str) -> Iterator[None]:
    """Say on stderr what is going on, should it take longer than `PATIENCE_SECONDS`."""
    text = (
        f"toposhape: compiling {name} for this machine; later runs load it from {_cache_root()}\n"
    )
    timer = threading.Timer(PATIENCE_SECONDS, sys.stderr.write, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
