"""The first call of a process, kernels being compiled already: object files or numba's own cache.

    python benchmarks/first_call.py

Writes docs/records/benchmarks_first_call.md.  A process that computes one diagram, one distance of
diagrams and one Chamfer distance each, as the library does it; and one that imports numba and loads
the same kernels for the same arguments from numba's cache, and computes nothing.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "records" / "benchmarks_first_call.md"
CALLS = {
    "diagram of a field": """
from toposhape.topology import superlevel_diagrams
superlevel_diagrams(np.sin(np.arange(32768, dtype=np.float32)).reshape(32, 32, 32))""",
    "distances of diagrams": """
from toposhape.topology import diagram_distances
diagram_distances([np.array([[0.0, 1.0], [0.5, 0.7]])] * 2)""",
    "Chamfer distance": """
from toposhape.evaluation.chamfer import chamfer_distance
chamfer_distance(np.eye(3), np.ones((5, 3)))""",
}
OURS = "import numpy as np\n{call}\n"
RECORD = """
import numpy as np
from toposhape.base.kernels import calls
prepare = calls.Kernel._prepare
def record(kernel, kinds):
    used[kernel.module, kernel.name, kinds] = True
    return prepare(kernel, kinds)
used, calls.Kernel._prepare = {{}}, record
{call}
import pickle, sys
sys.stdout.buffer.write(pickle.dumps(list(used)))
"""
NUMBAS = """
import importlib, pickle
import numba, numpy as np
from toposhape.base.kernels.marks import OPTIONS
from toposhape.base.kernels.object_code import _numba_type
for module, name, kinds in pickle.loads({used}):
    signature = numba.types.int64(*[_numba_type(kind) for kind in kinds])
    numba.njit(signature, cache=True, **OPTIONS)(getattr(importlib.import_module(module), name))
"""
NOTHING = "import numpy as np"
IMPORTS = "import numba"


def run(code: str, folder: Path) -> bytes:
    """Run code in a fresh interpreter with a cache of its own and return what it prints."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder), "NUMBA_CACHE_DIR": str(folder)}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout


def processor_seconds(code: str, folder: Path) -> float:
    """Run code and return the processor time of its process, the interpreter's start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(code, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(programs: dict[str, str], folder: Path, rounds: int) -> dict[str, float]:
    """Run programs once to fill their caches, then in turns; return the shortest time of each."""
    for code in programs.values():
        run(code, folder)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, code in programs.items():
            times[name].append(processor_seconds(code, folder))
    return {name: min(seconds) for name, seconds in times.items()}


def page(rows: list[str], base: dict[str, float], rounds: int) -> str:
    """Compose the Markdown page."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "llvmlite", "numpy"))
    lines = "\n".join(rows)
    return f"""# The first call of a process

Written by `python benchmarks/first_call.py --rounds {rounds}`.

Milliseconds of processor time of a whole process, the shortest of {rounds}, in turns; every cache
is warm. *Object files* is the library as it is. *numba's cache* is a process that loads the same
kernels from numba's own cache and calls none of them.

| first call | object files | numba's cache | ratio |
| --- | ---: | ---: | ---: |
{lines}

A process that imports numpy alone takes {1e3 * base["numpy"]:.0f} ms, one that imports numba alone
{1e3 * base["numba"]:.0f} ms.

Machine: {platform.machine()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at
the end, Python {platform.python_version()}, {versions}.
"""


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="processes of each kind")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder, rows = Path(name), []
        for work, call in CALLS.items():
            used = run(RECORD.format(call=call), folder)
            programs = {"ours": OURS.format(call=call), "numba": NUMBAS.format(used=used)}
            times = measure(programs, folder, rounds)
            ours, numbas = times["ours"], times["numba"]
            rows.append(
                f"| {work} | **{1e3 * ours:.0f}** | {1e3 * numbas:.0f} | {numbas / ours:.1f} |"
            )
        base = measure({"numpy": NOTHING, "numba": IMPORTS}, folder, rounds)
    PAGE.write_text(page(rows, base, rounds))
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
