"""Compilation of kernels into object files that `calls` loads without numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.np import numpy_support

from . import marks
from .calls import RAISED, SYMBOL
from .machine import processor

OPTIONS = marks.OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
WORD = ir.IntType(64)
POINTER = ir.IntType(8).as_pointer()


def compiled(function: Callable[..., int], kinds: tuple[Any, ...]) -> bytes:
    """Compile a kernel for kinds of arguments; see `calls.Bundle`.

    Returns:
        An object file for this machine with one function `SYMBOL`.  It takes the address of one
        word for each argument, an integer or the address of a bundle's words.

    Raises:
        TypeError: if the kernel calls a function that is not in the object file.
    """
    signature = types.int64(*[_numba_type(kind) for kind in kinds])
    dispatcher = numba.njit(signature, **OPTIONS)(function)
    (result,) = dispatcher.overloads.values()
    module = llvm.parse_assembly(result.library.get_llvm_str())
    module.link_in(llvm.parse_assembly(str(_caller(result.fndesc.llvm_func_name, kinds))))
    _require_self_contained(module, function)
    cpu, features = processor()
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=cpu, features=features, opt=3, reloc="pic", codemodel="jitdefault", jit=True
    )
    code: bytes = target.emit_object(module)
    return code


def _require_self_contained(module: llvm.ModuleRef, function: Callable[..., int]) -> None:
    """Refuse what cannot be linked without numba and Python."""
    called = [f.name for f in module.functions if f.is_declaration]
    if outside := [name for name in called if not name.startswith("llvm.")]:
        raise TypeError(
            f"{function.__module__}.{function.__qualname__} calls {', '.join(outside)}: a kernel "
            "may call nothing but other kernels, so it may neither allocate nor reshape"
        )


def _numba_type(kind: Any) -> types.Type:
    """Return numba's type for a kind of argument."""
    if kind == "int":
        return types.int64
    if isinstance(kind[0], str):
        dtype, dimensions = kind
        return types.Array(numpy_support.from_dtype(np.dtype(dtype)), dimensions, "C")
    tuple_class, *parts = kind
    return types.NamedTuple([_numba_type(part) for part in parts], tuple_class)


def _words(kind: Any) -> list[ir.Type]:
    """Return the machine types that numba hands an argument over as."""
    if kind == "int":
        return [WORD]
    if isinstance(kind[0], str):
        return [POINTER, POINTER, WORD, WORD, POINTER] + [WORD] * (2 * kind[1])
    return [word for part in kind[1:] for word in _words(part)]


def _caller(symbol: str, kinds: tuple[Any, ...]) -> ir.Module:
    """Write the function `SYMBOL` that unpacks the arguments and calls numba's function.

    That one returns a status, zero unless it raised an exception, and takes the places of its
    result and of the exception before its arguments.
    """
    module = ir.Module()
    parameters = [word for kind in kinds for word in _words(kind)]
    places = [WORD.as_pointer(), POINTER.as_pointer()]
    callee_type = ir.FunctionType(ir.IntType(32), places + parameters)
    callee = ir.Function(module, callee_type, symbol)
    caller = ir.Function(module, ir.FunctionType(WORD, [WORD.as_pointer()]), SYMBOL)
    builder = ir.IRBuilder(caller.append_basic_block())
    result, failure = builder.alloca(WORD), builder.alloca(POINTER)
    values = []
    for i, kind in enumerate(kinds):
        word = builder.load(builder.gep(caller.args[0], [WORD(i)]))
        values += [word] if kind == "int" else _unpacked(builder, word, _words(kind))
    status = builder.call(callee, [result, failure, *values])
    fine = builder.icmp_signed("==", status, ir.Constant(ir.IntType(32), 0))
    builder.ret(builder.select(fine, builder.load(result), WORD(RAISED)))
    return module


def _unpacked(builder: ir.IRBuilder, address: ir.Value, words: list[ir.Type]) -> list[ir.Value]:
    """Write the code that loads a bundle's words."""
    base = builder.inttoptr(address, WORD.as_pointer())
    loaded = [builder.load(builder.gep(base, [WORD(i)])) for i in range(len(words))]
    return [
        value if word is WORD else builder.inttoptr(value, word)
        for value, word in zip(loaded, words, strict=True)
    ]
