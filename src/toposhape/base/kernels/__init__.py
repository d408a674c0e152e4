"""Kernels: Python functions that numba compiles once, and that later processes load without it.

A room writes kernels in modules of their own, which import numba:

* `marks.kernel` marks a function that Python calls, `marks.inlined` one that kernels call.  Kernels
  take arrays, named tuples of arrays and integers, allocate nothing, raise nothing and return an
  integer; all memory is the caller's.

The modules that call them do not import numba:

* `calls.Kernel` names a kernel; calling it loads its machine code, or has it compiled.
* `calls.Bundle` makes arrays ready that are handed over many times.

Behind these stand `object_code`, from a Python function to an object file; `cache`, where object
files are kept and how damaged ones are told; `trust`, whose folders are executed from.
``docs/kernels.md`` says why it is done this way.
"""
