"""What this machine offers and lacks: versions, cores, GPU, cache of kernels, Embree, disk."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from toposhape import __version__
from toposhape.base.gpu_lease import visible_gpus
from toposhape.base.kernels.cache import folders
from toposhape.base.threads import available_cores

from . import start

NEEDED = (
    *("numpy", "scipy", "pandas", "numba", "llvmlite", "torch", "gudhi", "trimesh", "embreex"),
    *("libigl", "manifold3d", "scikit-image", "matplotlib", "pyarrow", "pydantic", "safetensors"),
)
OPTIONAL = {"snakemake": "pipeline", "pynrrd": "scans", "nibabel": "scans"}
"""Packages and the extra that brings each."""
LEAST_FREE_GB = 5.0  # the default run's folder has about 3

State = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """One thing about this machine.

    Attributes:
        what: is looked at.
        found: in words.
        state: `note` is no fault; with `wrong` something will fail.
        remedy: what to do about it.
    """

    what: str
    found: str
    state: State = "ok"
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything, one after the other; what raises is a finding, too."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _packages,
        _extras,
        _pipeline,
        _cores,
        _gpu,
        _diagrams,
        _kernel_cache,
        _rays,
        _disk,
    )
    for check in checks:
        try:
            yield check()
        except Exception as error:  # whatever it is, it is what the doctor is asked for
            text = " ".join(str(error).split()) or type(error).__name__
            yield Finding(check.__name__[1:].replace("_", " "), text, "wrong", "make environment")


def _python() -> Finding:
    found = f"toposhape {__version__} on Python {platform.python_version()}, {sys.prefix}"
    if not (sys.flags.utf8_mode or sys.getfilesystemencoding() == "utf-8"):
        return Finding(
            "python", f"{found}; names of files are no UTF-8", "note", "set PYTHONUTF8=1"
        )
    if sys.dont_write_bytecode:  # each job of a run is a process, and compiles all that it imports
        remedy = "unset PYTHONDONTWRITEBYTECODE: jobs start in half the time"
        return Finding("python", f"{found}; no bytecode is kept", "note", remedy)
    return Finding("python", found)


def _packages() -> Finding:
    versions = {name: _version(name) for name in NEEDED}
    missing = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    if missing:
        return Finding("packages", found, "wrong", f"pip install {' '.join(missing)}")
    return Finding("packages", found)


def _extras() -> Finding:
    versions = {name: _version(name) for name in OPTIONAL}
    found = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    missing = sorted({OPTIONAL[name] for name, version in versions.items() if version is None})
    if missing:
        return Finding("extras", found, "note", f"pip install 'toposhape[{','.join(missing)}]'")
    return Finding("extras", found)


def _pipeline() -> Finding:
    try:
        return Finding("pipeline", f"{start.pipeline_folder() / 'Snakefile'}")
    except FileNotFoundError as error:
        return Finding("pipeline", str(error), "note", "toposhape train needs --pipeline")


def _cores() -> Finding:
    load = os.getloadavg()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = available_cores()
    plural = "s" if cores > 1 else ""
    found = f"{cores} core{plural}, {memory:.0f} GB memory, load {load:.1f}"
    if load > 1.5 * cores:
        return Finding("cores", found, "note", "others use them, too: everything takes longer")
    return Finding("cores", found)


def _gpu() -> Finding:
    import torch

    there = visible_gpus()
    if torch.cuda.is_available():
        names = {torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
        return Finding("GPU", f"{torch.cuda.device_count()} x {', '.join(sorted(names))}")
    if there:
        remedy = f"torch {torch.__version__} sees none of them: install one made for CUDA"
        return Finding("GPU", f"{len(there)} by nvidia-smi", "wrong", remedy)
    return Finding("GPU", "none: networks run on the CPU")


def _kernel_cache() -> Finding:
    places = folders()
    kernels = [file for place in places.read for file in place.glob("*.kernel")]
    size = sum(file.stat().st_size for file in kernels) / 1e6
    found = f"{len(kernels)} kernels, {size:.1f} MB, in {', '.join(map(str, places.read)) or '-'}"
    if places.written is None:
        remedy = "set NUMBA_CACHE_DIR to a folder that only you can write to"
        return Finding("kernel cache", f"{found}; nothing can be kept", "note", remedy)
    return Finding("kernel cache", found)


def _diagrams() -> Finding:
    """The engine's answer for a torus: one piece with one handle."""
    from toposhape.topology.grids.persistence import superlevel_diagrams

    axis = np.linspace(-1, 1, 48, dtype=np.float32)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    torus = 0.2 - np.hypot(np.hypot(x, z) - 0.6, y)
    superlevel_diagrams(torus)  # compiles or loads
    begin = time.perf_counter()
    (diagram,) = superlevel_diagrams([torus])
    betti = diagram.betti_numbers(0)
    milliseconds = 1000 * (time.perf_counter() - begin)
    found = f"a torus has Betti numbers {betti}; 48^3 vertices in {milliseconds:.0f} ms"
    if betti != (1, 1, 0):
        return Finding("diagrams", found, "wrong", "delete the cache of kernels and report it")
    return Finding("diagrams", found)


def _rays() -> Finding:
    """Embree's answer for a cube: a ray through its middle meets it."""
    import trimesh

    cube = trimesh.creation.box()
    caster = trimesh.ray.ray_pyembree.RayMeshIntersector(cube)
    hits = caster.intersects_any([[0.1, 0.2, 5.0], [5.0, 5.0, 5.0]], [[0, 0, -1.0], [0, 0, -1.0]])
    if hits.tolist() != [True, False]:
        return Finding("Embree", f"rays meet {hits}", "wrong", "install embreex again")
    return Finding("Embree", "rays meet what they should")


def _disk() -> Finding:
    here = Path.cwd()
    free = shutil.disk_usage(here).free / 1e9
    found = f"{free:.0f} GB free in {here}"
    if not os.access(here, os.W_OK):
        return Finding("disk", f"{found}, not writable", "note", "work in a folder of your own")
    if free < LEAST_FREE_GB:
        return Finding("disk", found, "note", f"a run wants {LEAST_FREE_GB:.0f} GB: make room")
    return Finding("disk", found)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
