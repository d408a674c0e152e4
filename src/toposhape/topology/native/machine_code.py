"""Kernels as plain machine code: compiled by numba once, loaded without numba ever after.

Importing numba takes longer than everything else that a first call does.  The kernels of this
folder allocate nothing and raise nothing, so their machine code needs neither numba nor Python: it
is kept as an object file (see `compile_cache`), linked by LLVM and called through ctypes, which
releases the GIL.  The modules that define the kernels are imported only when one must be compiled.
"""

from __future__ import annotations

import array
import ctypes
import importlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numpy.typing import NDArray

from ..compile_cache import alone_in, announced, kernel_folder

OBJECT_FILE = "kernel.o"
SYMBOL = "toposhape_kernel"
"""Name of the function in every object file; see `object_code`."""


class Bundle:
    """An array, or a named tuple of arrays and of such tuples, made ready to be handed over.

    Attributes:
        value: the array or tuple; it is kept alive.
        kind: what decides the machine code.
        address: where the kernel finds its addresses, shapes and strides.
    """

    def __init__(self, value: NDArray[Any] | tuple) -> None:
        self.value = value
        self.kind, words = _taken_apart(value)
        self._words = array.array("q", words)
        self.address = self._words.buffer_info()[0]


class Kernel:
    """A kernel of this folder, called with arrays, bundles and ints; returns an int.

    Args:
        module: its module in this folder.
        name: its name there.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name
        self._functions: dict[tuple, Callable[[int], int]] = {}
        self._lock = threading.Lock()

    def __call__(self, *arguments: NDArray[Any] | tuple | Bundle | int) -> int:
        """Run the machine code for these arguments, loading or compiling it if needed.

        Raises:
            ValueError: for an array that is not C-contiguous.
        """
        bundles = [a if type(a) in (Bundle, int) else Bundle(a) for a in arguments]
        kinds = tuple(["int" if type(b) is int else b.kind for b in bundles])
        function = self._functions.get(kinds) or self._prepare(kinds)
        words = array.array("q", [b if type(b) is int else b.address for b in bundles])
        return function(words.buffer_info()[0])

    def _prepare(self, kinds: tuple) -> Callable[[int], int]:
        """Return the function for arguments of some kinds."""
        with self._lock:
            if kinds not in self._functions:
                folder = kernel_folder(self.name, repr(kinds), Path(__file__).parent)
                with alone_in(folder):
                    if not (folder / OBJECT_FILE).exists():
                        self._compile(kinds, folder / OBJECT_FILE)
                self._functions[kinds] = _linked((folder / OBJECT_FILE).read_bytes())
            return self._functions[kinds]

    def _compile(self, kinds: tuple, target: Path) -> None:
        """Write the object file, so that nobody ever sees a part of it."""
        with announced(f"the kernel {self.name}"):
            from . import object_code

            module = importlib.import_module(f".{self.module}", __package__)
            code = object_code.compiled(getattr(module, self.name), kinds)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(code)
        Path(file.name).replace(target)


def _taken_apart(value: NDArray[Any] | tuple) -> tuple[Any, list[int]]:
    """Return the kind of a value and the integers that it is handed over as.

    numba's convention for an array: owner, parent, size, item size, address, shape, strides, the
    first two being null for memory that is not numba's.
    """
    if isinstance(value, tuple):
        parts = [_taken_apart(part) for part in value]
        kind = (type(value), *(part for part, _ in parts))
        return kind, [word for _, words in parts for word in words]
    if not value.flags.c_contiguous:
        raise ValueError(f"kernels take C-contiguous arrays only; got strides {value.strides}")
    address = value.__array_interface__["data"][0]
    words = [0, 0, value.size, value.itemsize, address, *value.shape, *value.strides]
    return (value.dtype.char, value.ndim), words


_engines: list[llvm.ExecutionEngine] = []
"""They own the machine code: one for each object file that was loaded."""


def _linked(code: bytes) -> Callable[[int], int]:
    """Load an object file into this process and return the function in it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(engine.get_function_address(SYMBOL))
