"""How the kernels of this folder choose between the complexes, and a look at bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from toposhape.base.kernels.marks import INLINED


def implements(generic: Callable[..., Any], link_class: type) -> Callable[..., Any]:
    """Give the code of a generic function of `links` for one class of link."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @overload(generic, jit_options=INLINED, strict=False)
        def choose(link: Any, *_: Any) -> Callable[..., Any] | None:
            return function if getattr(link, "instance_class", None) is link_class else None

        return function

    return register


@intrinsic
def lowest(typingctx: Any, bits: Any) -> tuple[Any, Any]:
    """Return the number of the lowest bit that is set in a nonzero int64.

    It is unsigned: indices that cannot be negative need no check for that.
    """

    def codegen(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
        zeros = builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))
        return builder.trunc(zeros, ir.IntType(32))

    return types.uint32(types.int64), codegen
