"""Diagram distances against lap.lapjv and Chamfer distances against scipy's cKDTree.

    OMP_NUM_THREADS=1 python benchmarks/distances.py

Writes docs/records/benchmarks_distances.md.  The peers are timed on a random subset of the pairs
and scaled to all of them; both sides are timed in turn.  `--size` makes it smaller.
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

from toposhape.evaluation.chamfer import chamfer_matrix
from toposhape.topology import Diagram, diagram_distances

PAGE = Path(__file__).parents[1] / "docs" / "records" / "benchmarks_distances.md"
POINTS = 2048
BANDS, PAIRS = 5, 60
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


def augmented_distance(p: NDArray, q: NDArray) -> float:
    """Equation (1) by lap.lapjv on the augmented matrix, as one writes it without this package."""
    n, m = len(p), len(q)
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = ((p[:, None] - q) ** 2).sum(axis=-1)
    costs[:n, m:] = ((p[:, 1] - p[:, 0]) ** 2 / 2)[:, None]
    costs[n:, :m] = (q[:, 1] - q[:, 0]) ** 2 / 2
    return lap.lapjv(costs)[0]


def diagram_line(points: Callable, size: int) -> dict[str, str]:
    """Time three degrees of diagrams."""
    ps, qs = random_diagrams(points, size, 0), random_diagrams(points, size, 1)

    def peer(i: int, j: int) -> float:
        return sum(
            augmented_distance(*pair) for pair in zip(ps[i].points, qs[j].points, strict=True)
        )

    def ours(rows: slice, threads: int) -> NDArray[np.float64]:
        return diagram_distances(ps[rows], qs, threads=threads)

    return compare(ours, peer, size)


def cloud_line(clouds: Callable, size: int) -> dict[str, str]:
    """Time both directions of Chamfer distances."""
    a, b = clouds(size, 0), clouds(size, 1)
    trees_a, trees_b = [cKDTree(cloud) for cloud in a], [cKDTree(cloud) for cloud in b]

    def peer(i: int, j: int) -> float:
        forth, back = trees_b[j].query(a[i])[0], trees_a[i].query(b[j])[0]
        return (forth**2).mean() + (back**2).mean()

    def ours(rows: slice, threads: int) -> NDArray[np.float64]:
        return chamfer_matrix(a[rows], b, threads=threads)

    return compare(ours, peer, size)


def compare(ours: Callable, peer: Callable[[int, int], float], size: int) -> dict[str, str]:
    """Go through the matrix in bands of rows; after each, ask the peer for some of its pairs."""
    rng = np.random.default_rng(2)
    ours(slice(0, 1), 1)
    own, other, errors = [], [], []
    bands = [slice(int(b[0]), int(b[-1]) + 1) for b in np.array_split(np.arange(size), BANDS)]
    for band in bands:
        begin = time.process_time()
        costs = ours(band, 1)
        own.append((time.process_time() - begin) / costs.size)
        pairs = [(int(i), int(j)) for i, j in rng.integers(0, costs.shape, (PAIRS, 2))]
        begin = time.process_time()
        answers = [peer(band.start + i, j) for i, j in pairs]
        other.append((time.process_time() - begin) / PAIRS)
        expected = [costs[pair] for pair in pairs]
        errors.append(np.abs(np.subtract(answers, expected) / answers).max())
    ratio = np.median(np.array(other) / own)
    return {
        "seconds": f"{np.mean(own) * size**2:.1f}",
        "peer": f"{np.mean(other) * size**2:.0f}",
        "ratio": f"{ratio:.1f}",
        "efficiency": efficiency(ours, bands[0]),
        "error": f"{max(errors):.0e}",
    }


def efficiency(ours: Callable, band: slice) -> str:
    """Speed on 2 and 4 threads over 2 and 4 times that on one: wall time, the best of three."""
    best = dict.fromkeys((1, 2, 4), np.inf)
    for _, threads in itertools.product(range(3), best):
        begin = time.perf_counter()
        ours(band, threads)
        best[threads] = min(best[threads], time.perf_counter() - begin)
    return ", ".join(f"{best[1] / (n * best[n]):.2f} on {n}" for n in (2, 4))


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

{size} x {size} pairs on one thread, in seconds of processor time: ours whole, in {BANDS} bands of
rows; after each band the peer, {PAIRS} random pairs of it in a Python loop, scaled to all pairs.
The ratio is the median over the bands. Efficiency is the speed on several threads over that many
times the speed on one, in wall time. The difference is relative, the largest over the peer's pairs.

| work | ours (s) | peer (s) | ratio | efficiency of threads | difference |
| --- | ---: | ---: | ---: | --- | ---: |
{rows}

Diagrams: three degrees of 16 to 100 points each; the peer is `lap.lapjv` on the augmented matrix.
Clouds: {POINTS} points, both directions; the peer is `scipy.spatial.cKDTree`, its trees built
beforehand, our leaves built within the time, anew for each band. How each is drawn stands in
`benchmarks/distances.py`.

Machine: {processor()}, {os.cpu_count()} cores, {versions}.
Load average at the start {load:.1f}: what lies above zero is other work, which takes cores from the
runs on several threads.
""")


def main() -> None:
    """Time everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=350, help="diagrams and clouds on each side")
    size = parser.parse_args().size
    load = os.getloadavg()[0]
    lines = {
        "diagrams, evenly spread points": diagram_line(even_points, size),
        "diagrams, points as shapes have them": diagram_line(shape_like_points, size),
        "clouds on furniture of boxes": cloud_line(box_furniture, size),
        "clouds that fill the cube": cloud_line(uniform_clouds, size),
    }
    write_page(lines, size, load)
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
