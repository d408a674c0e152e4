"""Diagram distances against lap.lapjv and Chamfer distances against scipy's cKDTree.

    OMP_NUM_THREADS=1 python benchmarks/distances.py

Writes docs/benchmarks_distances.md.  The peers are timed on a random subset of the pairs and scaled
to all of them; both sides are timed in turn, the best of each is kept.  `--size` makes it smaller.
"""

import argparse
import itertools
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import lap
import numba
import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from toposhape.evaluation.chamfer import directed_chamfer_matrices
from toposhape.topology import Diagram, diagram_distances

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks_distances.md"
POINTS = 2048
Clouds = NDArray[np.float32]


def even_points(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Points of births in [0, 1] and persistence up to 0.3: a row has many possible partners."""
    birth = rng.random(size)
    return np.stack([birth - 0.3 * rng.random(size), birth], axis=1)


def shape_like_points(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Many short-lived points and a few long-lived ones, as signed distance fields have."""
    death = 0.1 * rng.standard_normal(size)
    return np.stack([death, death + rng.exponential(0.05, size)], axis=1)


def random_diagrams(points: Callable, count: int, seed: int) -> list[Diagram]:
    """Diagrams with 16 to 100 points in each degree."""
    rng = np.random.default_rng(seed)
    diagrams = []
    for _ in range(count):
        degrees = tuple(points(rng, rng.integers(16, 101)) for _ in range(3))
        diagrams.append(Diagram(degrees, tuple(np.zeros(p.shape, np.int64) for p in degrees)))
    return diagrams


def box_furniture(count: int, seed: int) -> Clouds:
    """Clouds on the faces of seven boxes: a seat, a back, four legs, a rail; (count, POINTS, 3)."""
    rng = np.random.default_rng(seed)
    clouds = np.empty((count, POINTS, 3), np.float32)
    for cloud in clouds:
        width, depth, height, leg = rng.uniform([0.3, 0.3, 0.3, 0.02], [0.6, 0.6, 0.5, 0.08])
        half = [[width, 0.05, depth], [width, height, 0.05], [width, 0.03, leg]]
        centre = [[0, 0, 0], [0, height, -depth], [0, -height / 2, depth - leg]]
        for x, z in itertools.product((-1, 1), repeat=2):
            half.append([leg, height / 2, leg])
            centre.append([x * (width - leg), -height / 2, z * (depth - leg)])
        cloud[:] = on_boxes(rng, np.array(centre), np.array(half))
    return clouds


def on_boxes(rng: np.random.Generator, centre: NDArray, half: NDArray) -> NDArray:
    """POINTS points on the faces of boxes, as many as their share of the area."""
    areas = np.roll(half, 1, axis=1) * np.roll(half, 2, axis=1)  # of the faces across each axis
    face = rng.choice(areas.size, POINTS, p=(areas / areas.sum()).ravel())
    box, axis = np.divmod(face, 3)
    place = rng.uniform(-1, 1, (POINTS, 3))
    place[np.arange(POINTS), axis] = np.sign(place[np.arange(POINTS), axis])
    return centre[box] + half[box] * place


def uniform_clouds(count: int, seed: int) -> Clouds:
    """Clouds that fill the cube [-1, 1]^3, (count, POINTS, 3)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, POINTS, 3)).astype(np.float32)


def seconds(work: Callable) -> float:
    """Wall time of a call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def augmented_distance(p: NDArray, q: NDArray) -> float:
    """Equation (1) by lap.lapjv on the augmented matrix, as one writes it without this package."""
    n, m = len(p), len(q)
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = ((p[:, None] - q) ** 2).sum(axis=-1)
    costs[:n, m:] = ((p[:, 1] - p[:, 0]) ** 2 / 2)[:, None]
    costs[n:, :m] = (q[:, 1] - q[:, 0]) ** 2 / 2
    return lap.lapjv(costs)[0]


def compare_diagrams(points: Callable, size: int, threads: list[int]) -> dict:
    """Time the whole matrix of three degrees and a loop over a subset of it."""
    ps, qs = random_diagrams(points, size, 0), random_diagrams(points, size, 1)
    pairs = np.random.default_rng(2).integers(0, size, (300, 2))
    ours = diagram_distances(ps, qs, parts=True)
    peers = np.zeros((3, len(pairs)))

    def loop() -> None:
        for k, (row, (i, j)) in itertools.product(range(3), enumerate(pairs)):
            peers[k, row] = augmented_distance(ps[i].points[k], qs[j].points[k])

    best = {count: np.inf for count in threads}
    best_loop = np.inf
    for _ in range(3):
        best_loop = min(best_loop, seconds(loop))
        for count in threads:
            work = seconds(lambda count=count: diagram_distances(ps, qs, threads=count))
            best[count] = min(best[count], work)
    error = np.abs(ours[:, pairs[:, 0], pairs[:, 1]] - peers).max()
    return summary(best, best_loop / len(pairs) * size**2, error)


def compare_clouds(clouds: Callable, size: int, threads: list[int]) -> dict:
    """Time both directed matrices and queries of trees on a subset; trees are built before."""
    a, b = clouds(size, 0), clouds(size, 1)
    pairs = np.random.default_rng(2).integers(0, size, (150, 2))
    trees_a = {i: cKDTree(a[i]) for i in pairs[:, 0]}
    trees_b = {j: cKDTree(b[j]) for j in pairs[:, 1]}
    peers = np.zeros(len(pairs))

    def loop() -> None:
        for row, (i, j) in enumerate(pairs):
            forth, back = trees_b[j].query(a[i])[0], trees_a[i].query(b[j])[0]
            peers[row] = (forth**2).mean() + (back**2).mean()

    best = {count: np.inf for count in threads}
    best_loop, ours = np.inf, np.zeros(0)
    directed_chamfer_matrices(a[:1], b[:1])
    for _ in range(2):
        best_loop = min(best_loop, seconds(loop))
        for count in threads:
            begin = time.perf_counter()
            ours = directed_chamfer_matrices(a, b, threads=count).sum(axis=0)
            best[count] = min(best[count], time.perf_counter() - begin)
    error = np.abs(ours[pairs[:, 0], pairs[:, 1]] / peers - 1).max()
    return summary(best, best_loop / len(pairs) * size**2, error)


def summary(best: dict[int, float], peer: float, error: float) -> dict:
    """Put the numbers of one line of the table together."""
    alone = best[1]
    efficiency = {n: f"{alone / (n * t):.2f}" for n, t in best.items() if n > 1}
    return {
        "seconds": f"{alone:.1f}",
        "peer": f"{peer:.0f}",
        "ratio": f"{peer / alone:.1f}",
        "efficiency": ", ".join(f"{e} on {n}" for n, e in efficiency.items()) or "-",
        "error": f"{error:.1e}",
    }


def processor() -> str:
    """Name of the processor, where Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def write_page(lines: dict[str, dict], size: int, load: float) -> None:
    """Write the table."""
    packages = ", ".join(f"{m.__name__} {m.__version__}" for m in (np, numba, scipy, lap))
    versions = f"Python {platform.python_version()}, {packages}"
    rows = "\n".join(
        f"| {name} | {line['seconds']} | {line['peer']} | **{line['ratio']}** "
        f"| {line['efficiency']} | {line['error']} |"
        for name, line in lines.items()
    )
    PAGE.write_text(f"""# Distances: speed

Written by `OMP_NUM_THREADS=1 python benchmarks/distances.py --size {size}`.

{size} x {size} pairs, seconds of wall time; ours whole, on one thread; the peer in a Python loop on
a random subset, scaled to all pairs. Ours and the peer in turn, the best of each. Efficiency is the
speed on several threads over that many times the speed on one. The difference is the largest on the
subset: absolute for diagrams, relative for clouds.

| work | ours (s) | peer (s) | ratio | efficiency of threads | difference |
| --- | ---: | ---: | ---: | --- | ---: |
{rows}

Diagrams: three degrees of 16 to 100 points each; the peer is `lap.lapjv` on the augmented matrix.
Clouds: {POINTS} points, both directions; the peer is `scipy.spatial.cKDTree`, its trees built
beforehand, our leaves built within the time. `benchmarks/distances.py` says how each is drawn.

Machine: {processor()}, {os.cpu_count()} cores. Load average at the start {load:.1f}: what lies
above zero is other work, which takes cores from the runs on several threads. {versions}.
""")


def main() -> None:
    """Time everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=350, help="diagrams and clouds on each side")
    size = parser.parse_args().size
    load = os.getloadavg()[0]
    threads = [n for n in (1, 2, 4) if n <= (os.cpu_count() or 1)]
    lines = {
        "diagrams, evenly spread points": compare_diagrams(even_points, size, threads),
        "diagrams, points as shapes have them": compare_diagrams(shape_like_points, size, threads),
        "clouds on furniture of boxes": compare_clouds(box_furniture, size, threads),
        "clouds that fill the cube": compare_clouds(uniform_clouds, size, [1]),
    }
    write_page(lines, size, load)
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
