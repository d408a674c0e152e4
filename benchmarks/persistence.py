"""Persistence of grids: this package against cripser, gudhi and Oineus.

    OMP_NUM_THREADS=1 python benchmarks/persistence.py

Writes docs/records/benchmarks_persistence.md and its picture.  Every peer is measured in the same
run on the same fields; what is not installed is reported as such.  Ours and cripser take turns, the
shortest time of each counts; what takes seconds runs once.  ``--quick`` leaves out gudhi at 128^3,
which takes minutes.
"""

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib
import numpy as np
from persistence_peers import (
    Field,
    Solver,
    cripser_cubical,
    cubical,
    freudenthal,
    gudhi_cubical,
    gudhi_simplex_tree,
    installed,
    oineus_at_once,
    oineus_by_columns,
)
from sdf_fields import SDF_LIKE, white_noise

from toposhape.topology import superlevel_diagrams

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

DOCS = Path(__file__).parents[1] / "docs"
SIZES = (32, 64, 128)
PATIENCE_SECONDS = 0.4
"""A short measurement is repeated for this long."""


def seconds(solve: Solver, field: Field) -> float:
    """Run once and return the processor time that this process spent.

    For one thread that is the time of a machine that does nothing else.
    """
    start = time.process_time()
    solve(field)
    return time.process_time() - start


def wall_seconds(solve: Solver, field: Field) -> float:
    """Run once and return the time it took."""
    start = time.perf_counter()
    solve(field)
    return time.perf_counter() - start


def in_turn(
    solvers: dict[str, Solver], field: Field, clock: Callable[..., float] = seconds
) -> dict[str, float]:
    """Measure solvers alternately; return the shortest time of each in seconds."""
    best = {name: clock(solve, field) for name, solve in solvers.items()}
    spent = dict.fromkeys(solvers, 0.0)
    while min(spent.values()) < PATIENCE_SECONDS:
        for name, solve in solvers.items():
            if spent[name] < PATIENCE_SECONDS or best[name] < 0.1 * PATIENCE_SECONDS:
                taken = clock(solve, field)
                spent[name] += taken
                best[name] = min(best[name], taken)
    return best


def measure_sizes(quick: bool) -> dict[tuple[str, str], dict[str, float]]:
    """Measure all solvers on the fields of all sizes.

    Returns:
        Seconds by (size, field) and solver.
    """
    table = {}
    for size in SIZES:
        for kind, make in SDF_LIKE.items():
            distance = make(size, 1)
            for side, field in {"inside": -distance, "outside": distance}.items():
                solvers = {"cubical": cubical, "freudenthal": freudenthal}
                if installed("cripser"):
                    solvers["cripser"] = cripser_cubical
                times = in_turn(solvers, field) | measure_slow_peers(field, quick, side)
                table[f"{size}^3", f"{kind}, {side}"] = times
                print(
                    size, kind, side, {k: round(1e3 * t, 2) for k, t in times.items()}, flush=True
                )
    return table


def measure_slow_peers(field: Field, quick: bool, side: str) -> dict[str, float]:
    """Measure those that take seconds, once each, where they take less than minutes."""
    size, times = len(field), {}
    if size < 128 or (side == "inside" and not quick):
        times["gudhi"] = seconds(gudhi_cubical, field)
    if size == 32 and side == "inside":
        times["gudhi simplex tree"] = seconds(gudhi_simplex_tree, field)
    if size < 128 and installed("oineus"):
        times["oineus"] = min(seconds(oineus_by_columns, field), seconds(oineus_at_once, field))
    return times


def geometric_mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return float(np.exp(np.mean(np.log(ratios))))


def number(value: float) -> str:
    """Write a number with three digits and no exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def ratio_row(work: str, table: dict, size: str, peers: list[str], ours: str) -> list[str]:
    """Return the row of one work: how many times faster ours is than the fastest of the peers."""
    ratios = []
    for (measured, _), times in table.items():
        peer = [times[name] for name in peers if name in times]
        if measured == size and peer:
            ratios.append(min(peer) / times[ours])
    if not ratios:
        return [work, size, "not measured: not installed or too slow", ""]
    return [work, size, f"**{number(geometric_mean(ratios))}** x", f"{number(min(ratios))} x"]


def batch_efficiency() -> list[list[str]]:
    """Measure a batch of 16 fields of 64^3 on 1, 2 and all cores, as a share of linear speed-up.

    Yardstick of the machine, which may be busy: threads that do arithmetic without memory.
    """
    batch = [-SDF_LIKE["network"](64, seed) for seed in range(16)]
    rows = []
    cores = len(os.sched_getaffinity(0))
    for threads in sorted({2, cores} - {1}):
        runs = {n: lambda _, n=n: superlevel_diagrams(batch, threads=n) for n in (1, threads)}
        times = in_turn(runs, batch[0], wall_seconds)
        pure = in_turn({n: lambda _, n=n: spin(n) for n in (1, threads)}, batch[0], wall_seconds)
        share = times[1] / times[threads] / threads
        machine = pure[1] / pure[threads] / threads
        rows.append(
            [
                f"batch of 16 fields on {threads} of {cores} cores",
                "64^3",
                f"**{share:.2f}** of linear",
                f"{1e3 * times[threads]:.0f} ms; pure arithmetic reaches {machine:.2f}",
            ]
        )
    return rows


def spin(threads: int) -> None:
    """Share 16 pieces of arithmetic that release the GIL among threads."""
    with ThreadPoolExecutor(threads) as pool:
        list(
            pool.map(
                lambda _: np.linalg.matrix_power(np.full((64, 64), 1 / 64), 2**1000), range(16)
            )
        )


def white_noise_rows() -> list[list[str]]:
    """Measure white noise at 64^3 against cripser."""
    solvers = {"cubical": cubical, "freudenthal": freudenthal}
    if not installed("cripser"):
        return [["white noise, cubical against cripser", "64^3", "cripser is not installed", ""]]
    times = in_turn(solvers | {"cripser": cripser_cubical}, white_noise(64, 1))
    ratio, ours = times["cripser"] / times["cubical"], 1e3 * times["cubical"]
    return [
        ["white noise, cubical against cripser", "64^3", f"**{ratio:.3g}** x", f"{ours:.0f} ms"]
    ]


MEMORY = """
import re, sys
sys.path.insert(0, {folder!r})
from sdf_fields import {kind}
from toposhape.topology import superlevel_diagrams
def status(key):
    with open("/proc/self/status") as lines:
        return int(re.search(key + r":\\s+(\\d+)", lines.read()).group(1)) / 1024
field = {kind}(128, 1)
field *= -1
superlevel_diagrams(field[:8, :8, :8], complex={complex!r})
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
before = status("VmRSS")
superlevel_diagrams(field, complex={complex!r})
print(status("VmHWM") - before)
"""

FIRST_CALL = """
import time
start = time.perf_counter()
import numpy as np
from toposhape.topology import superlevel_diagrams
superlevel_diagrams(np.sin(np.arange(32768, dtype=np.float32)).reshape(32, 32, 32))
print(time.perf_counter() - start)
"""


def in_new_process(code: str) -> float:
    """Run code in a fresh interpreter and return the number that it prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)


def process_rows() -> list[list[str]]:
    """Measure memory above the field, and the time of import and first call with a warm cache."""
    rows = []
    for complex in ("freudenthal", "cubical"):
        for kind in SDF_LIKE:
            code = MEMORY.format(
                folder=str(Path(__file__).parent), kind=SDF_LIKE[kind].__name__, complex=complex
            )
            used = in_new_process(code)
            rows.append(
                [f"memory above the field, {complex}, {kind}", "128^3", f"**{used:.0f}** MB", ""]
            )
    first = min(in_new_process(FIRST_CALL) for _ in range(7))
    rows.append(["import and first call, warm cache", "32^3", f"**{first:.2f}** s", "best of 7"])
    return rows


EXPLANATION = """\
Time of the processor on one thread, unless said; float32 fields like signed distances; superlevel
sets of minus the distance (inside) and of the distance itself (outside). All in one run: ours and
cripser in turn, the best of each; the others once. How many times faster, by geometric mean over
the fields, and on the worst of them. `benchmarks/sdf_fields.py` says how the fields are drawn,
`benchmarks/persistence_peers.py` how each tool is called."""


def page(table: dict, rows: list[list[str]], command: str) -> str:
    """Compose the Markdown page."""
    lines = [
        "# Persistence: speed",
        "",
        f"Written by `{command}`.",
        "",
        EXPLANATION,
        "",
        "| work | grid | geometric mean | worst |",
        "| --- | --- | ---: | ---: |",
        *["| " + " | ".join(row) + " |" for row in rows],
        "",
        "![Times by size](../pictures/benchmarks_persistence.png)",
        "",
        "## Milliseconds, field by field",
        "",
    ]
    names = list(dict.fromkeys(name for times in table.values() for name in times))
    lines += [
        "| grid | field | " + " | ".join(names) + " |",
        "| --- | --- |" + " ---: |" * len(names),
    ]
    for (size, field), times in table.items():
        cells = [number(1e3 * times[name]) if name in times else "-" for name in names]
        lines.append(f"| {size} | {field} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", machine(), ""])


def machine() -> str:
    """Describe the machine and the versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    peers = []
    for package in ("numpy", "numba", "gudhi", "cripser", "oineus", "topologylayer"):
        try:
            peers.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            peers.append(f"{package} not installed")
    load = os.getloadavg()[0]
    return (
        f"Machine: {model}, {os.cpu_count()} cores, load average {load:.1f} at the end (what lies "
        f"above one is other work). Python {platform.python_version()}, {', '.join(peers)}."
    )


def draw(table: dict) -> None:
    """Draw all times against the number of vertices."""
    names = list(dict.fromkeys(name for times in table.values() for name in times))
    ours = {"freudenthal": "tab:red", "cubical": "tab:blue"}
    figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    others = iter(plt.get_cmap("Greys")(np.linspace(0.35, 0.9, max(1, len(names) - len(ours)))))
    for name, marker in zip(names, "osD^vP*", strict=False):
        points = [(int(s[:-2]), 1e3 * t[name]) for (s, _), t in table.items() if name in t]
        sizes = sorted({size for size, _ in points})
        means = [geometric_mean([t for s, t in points if s == size]) for size in sizes]
        colour = ours.get(name) or next(others)
        axes.plot(sizes, means, marker=marker, color=colour, label=name)
        axes.plot(*zip(*points, strict=True), ".", color=colour, alpha=0.35, zorder=0)
    axes.set(
        xscale="log", yscale="log", xlabel="vertices along an edge of the grid", ylabel="time (ms)"
    )
    axes.set_xticks(SIZES, [str(size) for size in SIZES], minor=False)
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    figure.legend(frameon=False, loc="outside upper center", ncols=3)
    figure.savefig(DOCS / "pictures" / "benchmarks_persistence.png", dpi=150)


def main() -> None:
    """Measure everything and write the page and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    quick = parser.parse_args().quick
    table = measure_sizes(quick)
    rows = [
        ratio_row("cubical against cripser", table, f"{n}^3", ["cripser"], "cubical") for n in SIZES
    ]
    rows += [
        ratio_row("cubical against gudhi", table, f"{n}^3", ["gudhi"], "cubical") for n in SIZES
    ]
    others = ["oineus", "gudhi simplex tree"]
    work = "freudenthal against the fastest of Oineus and gudhi's simplex tree"
    rows += [ratio_row(work, table, f"{n}^3", others, "freudenthal") for n in SIZES[:2]]
    work = "freudenthal against our cubical"
    rows += [ratio_row(work, table, f"{n}^3", ["cubical"], "freudenthal") for n in SIZES]
    rows += white_noise_rows() + batch_efficiency() + process_rows()
    command = "OMP_NUM_THREADS=1 python benchmarks/persistence.py" + " --quick" * quick
    (DOCS / "records" / "benchmarks_persistence.md").write_text(page(table, rows, command))
    draw(table)


if __name__ == "__main__":
    main()
