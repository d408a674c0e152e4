"""Calling kernels: their machine code is loaded or compiled at the first call, without numba after.

The modules that define kernels import numba and are imported only when one must be compiled.  The
machine code is an object file, linked by LLVM and called through ctypes, which releases the GIL.
"""

from __future__ import annotations

import array
import ctypes
import importlib
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numpy.typing import NDArray

from toposhape.base.threads import fork_safe

from .cache import kept
from .machine import machine, sources_digest

SYMBOL = "toposhape_kernel"
"""Name of the function in every object file; see `object_code`."""
RAISED = -(2**63)
"""What that function returns when numba's raised an exception."""


WORD_BYTES = array.array("q").itemsize
_NO_BYTES = ctypes.c_char * 0


class Bundle:
    """An array, or a named tuple of arrays and of such tuples, made ready to be handed over.

    Attributes:
        value: the array or tuple; it is kept alive.
        kind: what decides the machine code.
        address: where the kernel finds its addresses, shapes and strides.
    """

    def __init__(self, value: NDArray[Any] | tuple[Any, ...]) -> None:
        self.value: Any = value
        words: list[int] = []
        self.kind = _take_apart(value, words)
        self._words = array.array("q", words)
        self.address = self._words.buffer_info()[0]


class Kernel:
    """A kernel, called with arrays, named tuples of arrays, bundles and ints; returns an int.

    Args:
        module: full name of its module.
        name: its name there.
        sources: pattern of the files in the module's folder that it is made of: after an edit of
            one of them it is compiled again.
    """

    def __init__(self, module: str, name: str, sources: str = "*.py") -> None:
        self.module, self.name, self._sources = module, name, sources
        self._functions: dict[tuple[Any, ...], Callable[[int], int]] = {}

    def __call__(self, *arguments: NDArray[Any] | tuple[Any, ...] | Bundle | int) -> int:
        """Run the machine code for these arguments, loading or compiling it if needed.

        Raises:
            ValueError: for an array that is not C-contiguous.
            RuntimeError: if the kernel raised an exception, which no kernel may.
        """
        words = [0] * len(arguments)  # one for each; those of arrays and tuples follow
        kinds: list[Any] = []
        loose = []
        for i, argument in enumerate(arguments):
            if isinstance(argument, int):
                words[i] = argument
                kinds.append("int")
            elif isinstance(argument, Bundle):
                words[i] = argument.address
                kinds.append(argument.kind)
            else:
                words[i] = WORD_BYTES * len(words)
                kinds.append(_take_apart(argument, words))
                loose.append(i)
        packed = array.array("q", words)
        address = packed.buffer_info()[0]
        for i in loose:
            packed[i] += address
        of_kinds = tuple(kinds)
        function = self._functions.get(of_kinds) or self._prepare(of_kinds)
        answer = function(address)
        if answer == RAISED:
            raise RuntimeError(f"the kernel {self.module}.{self.name} raised an exception")
        return answer

    def _prepare(self, kinds: tuple[Any, ...]) -> Callable[[int], int]:
        """Return the function for arguments of some kinds."""
        with _preparing:
            if kinds not in self._functions:
                code = kept(self.name, self._key(kinds), lambda: self._compiled(kinds))
                self._functions[kinds] = _linked(code)
            return self._functions[kinds]

    def _key(self, kinds: tuple[Any, ...]) -> str:
        """Return all that the machine code depends on."""
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"the kernel {self.name}'s module {self.module} has no file")
        sources = sources_digest(Path(spec.origin).parent, self._sources)
        return f"{self.module}.{self.name} {kinds} {sources} {machine()}"

    def _compiled(self, kinds: tuple[Any, ...]) -> bytes:
        """Compile the kernel: here numba is imported."""
        from . import object_code

        module = importlib.import_module(self.module)
        return object_code.compiled(getattr(module, self.name), kinds)


_preparing = fork_safe(threading.RLock())
"""Held while a kernel is loaded or compiled: numba and LLVM are for one thread at a time."""


def _take_apart(value: NDArray[Any] | tuple[Any, ...], words: list[int]) -> tuple[Any, ...]:
    """Return the kind of a value; append the integers that it is handed over as to ``words``.

    numba's convention for an array: owner, parent, size, item size, address, shape, strides, the
    first two being null for memory that is not numba's.
    """
    if isinstance(value, tuple):
        return (type(value), *[_take_apart(part, words) for part in value])
    if not value.flags.c_contiguous:
        raise ValueError(f"kernels take C-contiguous arrays only; got strides {value.strides}")
    words += (0, 0, value.size, value.itemsize, _address(value), *value.shape, *value.strides)
    return value.dtype.char, value.ndim


def _address(value: NDArray[Any]) -> int:
    """Return where an array's numbers lie; by ctypes, which takes a seventh of numpy's time."""
    if value.flags.writeable:
        return ctypes.addressof(_NO_BYTES.from_buffer(value.data))
    address: int = value.__array_interface__["data"][0]
    return address


_engines: list[llvm.ExecutionEngine] = []
"""They own the machine code: one for each object file that was loaded."""


def _linked(code: bytes) -> Callable[[int], int]:
    """Load an object file into this process and return the function in it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(engine.get_function_address(SYMBOL))
