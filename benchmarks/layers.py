"""The layers beside other packages: CPU time of one thread, one process, one run.

``python benchmarks/layers.py`` prints the table of ``docs/layers.md``.  A package that is not
installed is left out: ``pip install gudhi cripser torch-topological ripser giotto-ph oineus``.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import importlib.metadata
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from toposhape.topology import (
    AlphaPersistence,
    BettiMatching,
    LevelSetPersistence,
    RipsPersistence,
    betti_matching_loss,
)

Task = Callable[[], object]
PACKAGES = ("gudhi", "cripser", "torch-topological", "ripser", "giotto-ph", "oineus")


def milliseconds(task: Task, limit_s: float) -> float:
    """Return the best CPU time of up to six calls within a limit."""
    started = time.process_time()
    task()
    best = time.process_time() - started
    for _ in range(5):
        if time.process_time() - started > limit_s:
            break
        before = time.process_time()
        task()
        best = min(best, time.process_time() - before)
    return 1e3 * best


def images(batch: np.ndarray) -> dict[str, Task]:
    """Both degrees of cubical superlevel sets with critical vertices, no gradient."""
    import gudhi

    layer, fields = LevelSetPersistence(2, complex="cubical", threads=1), torch.from_numpy(batch)
    doubles = -batch.astype(np.float64)

    def by_gudhi(field: np.ndarray) -> object:
        cubes = gudhi.CubicalComplex(vertices=field)
        cubes.compute_persistence(homology_coeff_field=2, min_persistence=0)
        return cubes.vertices_of_persistence_pairs()

    tasks: dict[str, Task] = {
        "ours": lambda: layer(fields),
        "gudhi": lambda: [by_gudhi(field) for field in doubles],
    }
    if installed("cripser"):
        import cripser

        tasks["cripser"] = lambda: [
            cripser.compute_ph(field, filtration="V", maxdim=1) for field in doubles
        ]
    return tasks


def image_gradients(batch: np.ndarray) -> dict[str, Task]:
    """Superlevel sets of the triangulated image, sum of squared lengths, backward."""
    layer, fields = LevelSetPersistence(2, threads=1), torch.from_numpy(batch).requires_grad_()
    tasks: dict[str, Task] = {"ours": lambda: layer(fields).lengths().square().sum().backward()}
    if installed("oineus"):
        import oineus.diff

        def by_oineus() -> None:
            for field in fields:
                filtration = oineus.diff.freudenthal_filtration(field.double(), True, False, 2)
                diagrams = oineus.diff.persistence_diagram(filtration, include_inf_points=False)
                total = sum(
                    (d[:, 1] - d[:, 0]).square().sum() for d in (diagrams[0], diagrams[1]) if len(d)
                )
                total.backward()

        tasks["oineus"] = by_oineus
    return tasks


def alpha(n: int, dim: int) -> dict[str, Task]:
    """Alpha diagrams of a cloud with gradient; gudhi's have none."""
    import gudhi

    points = torch.rand(n, dim, generator=torch.Generator().manual_seed(0)).requires_grad_()
    numbers, layer = points.detach().numpy().astype(np.float64), AlphaPersistence(dim, threads=1)
    tasks: dict[str, Task] = {
        "ours": lambda: layer(points).lengths().square().sum().backward(),
        "gudhi": lambda: (
            gudhi.AlphaComplex(points=numbers)
            .create_simplex_tree()
            .compute_persistence(homology_coeff_field=2)
        ),
    }
    if installed("torch-topological"):
        from torch_topological.nn import AlphaComplex

        theirs = AlphaComplex()
        tasks["torch-topological"] = lambda: backward(theirs(points))
    return tasks


def rips(n: int, engine: str) -> dict[str, Task]:
    """Rips diagrams of a plane cloud with gradient; those of ripser and giotto-ph have none."""
    points = torch.rand(n, 2, generator=torch.Generator().manual_seed(0)).requires_grad_()
    numbers, layer = points.detach().numpy(), RipsPersistence(2, threads=1, engine=engine)
    tasks: dict[str, Task] = {"ours": lambda: layer(points).lengths().square().sum().backward()}
    if installed("ripser"):
        from ripser import ripser

        tasks["ripser"] = lambda: ripser(numbers, maxdim=1, coeff=2)
    if installed("giotto-ph"):
        from gph import ripser_parallel

        tasks["giotto-ph"] = lambda: ripser_parallel(
            numbers, maxdim=1, n_threads=1, return_generators=True
        )
    if installed("torch-topological") and installed("giotto-ph"):
        from torch_topological.nn import VietorisRipsComplex

        theirs = VietorisRipsComplex(dim=1)
        tasks["torch-topological"] = lambda: backward(theirs(points))
    return tasks


def betti_matching(shape: tuple[int, ...], complex: str) -> dict[str, Task]:
    """Betti matching of two smooth fields in all degrees, with gradient."""
    rng = np.random.default_rng(0)
    one, other = (torch.from_numpy(gaussian_filter(rng.random(shape), 2))[None] for _ in range(2))
    layer, dim = BettiMatching(len(shape), complex=complex, threads=1), len(shape)
    one.requires_grad_()

    def ours() -> None:
        matched = layer(one, other)
        sum(betti_matching_loss(matched, k).sum() for k in range(dim)).backward()

    return {"ours": ours}


def backward(informations: list) -> None:
    """Differentiate the sum of squared lengths of torch-topological's diagrams."""
    lengths = [i.diagram[:, 1] - i.diagram[:, 0] for i in informations if len(i.diagram)]
    sum(each[each.isfinite()].square().sum() for each in lengths).backward()


def rows(large: bool) -> Iterator[tuple[str, dict[str, Task]]]:
    """List the rows of the table."""
    rng = np.random.default_rng(0)
    noise = rng.random((256, 28, 28)).astype(np.float32)
    smooth = gaussian_filter(noise, (0, 2, 2))
    digits = np.maximum(smooth - 0.52, 0)
    yield "256 images 28², flat with strokes", images(digits)
    yield "256 images 28², smooth", images(smooth)
    yield "256 images 28², noise", images(noise)
    yield "image 256², smooth", images(gaussian_filter(rng.random((1, 256, 256)), (0, 3, 3)))
    if large:
        yield "image 1024², smooth", images(gaussian_filter(rng.random((1, 1024, 1024)), (0, 3, 3)))
    yield "64 images 28², smooth, with gradient", image_gradients(smooth[:64])
    for dim, n in ((2, 100), (2, 500), (2, 2000), (3, 100), (3, 500)):
        yield f"alpha {dim}D, {n} points, with gradient", alpha(n, dim)
    for n in (100, 200):
        for engine in ("gudhi", "ripser"):
            if installed(engine):
                yield f"Rips H0-H1, {n} points, engine {engine}, with gradient", rips(n, engine)
    for shape, size in (((256, 256), "256²"), ((32, 32, 32), "32³")):
        for complex in ("freudenthal", "cubical"):
            name = f"Betti matching {size}, smooth, {complex}, with gradient"
            yield name, betti_matching(shape, complex)


def installed(package: str) -> bool:
    """Tell whether a package is installed."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main() -> None:
    """Print the table: milliseconds of ours, of the others, and how often ours fits in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=5.0, help="seconds for one cell")
    parser.add_argument("--large", action="store_true", help="an image of 1024 x 1024 too")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    options = parser.parse_args()
    torch.set_num_threads(1)
    others = [package for package in PACKAGES if installed(package)]
    print(f"| CPU ms (times ours) | ours | {' | '.join(others)} |")
    print("| --- " * (len(others) + 2) + "|")
    for name, tasks in rows(options.large):
        if options.only not in name:
            continue
        times = {who: milliseconds(task, options.limit) for who, task in tasks.items()}
        cells = [
            f"{times[who]:.3g} ({times[who] / times['ours']:.2g})" if who in times else "-"
            for who in others
        ]
        print(f"| {name} | **{times['ours']:.3g}** | {' | '.join(cells)} |", flush=True)
    versions = ", ".join(f"{who} {importlib.metadata.version(who)}" for who in others)
    print(f"\n{versions}; torch {torch.__version__}, one thread.")


if __name__ == "__main__":
    main()
