"""What machine code depends on besides its arguments: processor, versions, sources."""

from __future__ import annotations

import functools
import hashlib
import sys
from importlib import metadata
from pathlib import Path

import llvmlite.binding as llvm


def processor() -> tuple[str, str]:
    """Return the processor's name and features, as LLVM writes them.

    Machines of one name may differ in features: a virtual machine can hide some.
    """
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@functools.cache
def machine() -> str:
    """Describe the system, the processor and the versions of what compiles."""
    versions = {package: metadata.version(package) for package in ("numba", "llvmlite", "numpy")}
    return f"{llvm.get_process_triple()} {processor()} {sys.version} {versions}"


@functools.cache
def sources_digest(folder: Path, pattern: str) -> str:
    """Return a digest of the files of a folder that match, and of those that compile them."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for source in sorted(folder.glob(pattern)) + sorted(here.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()
