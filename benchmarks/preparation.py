"""Shapes per second and core of `prepare_shape`, for meshes of 1,000, 5,000 and 25,000 faces.

    python benchmarks/preparation.py [--shapes 3] [--samples 100000] [--resolution 64]

Each mesh is a procedural chair, subdivided until it has that many faces. Prepared in this process
on one thread, without reading files; processor time, the best of the repetitions, since other work
on the machine only ever adds to it. The last column is the distance and winding number of libigl
alone for as many points as are stored, a floor for anything built upon it.
"""

import argparse
import os

os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("IGL", "OMP", "OPENBLAS", "MKL", "NUMBA")}

import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

import igl  # noqa: E402
import numpy as np  # noqa: E402
import trimesh  # noqa: E402

from toposhape.shapes.furniture import make_shape  # noqa: E402
from toposhape.shapes.grids import grid_points, signed_distance_grid  # noqa: E402
from toposhape.shapes.meshes import clean_mesh  # noqa: E402
from toposhape.shapes.normalisation import normalising_transform  # noqa: E402
from toposhape.shapes.sampling import sample_signed_distance, sample_surface  # noqa: E402
from toposhape.shapes.signed_distance import make_solid  # noqa: E402


def mesh_with(faces: int, index: int) -> trimesh.Trimesh:
    """A normalised procedural chair of about that many faces."""
    made = make_shape("chair", 0, index)
    vertices = normalising_transform(made.vertices).apply(made.vertices)
    mesh = trimesh.Trimesh(vertices, made.faces, process=False)
    while len(mesh.faces) < faces:
        edge = np.linalg.norm(np.diff(mesh.vertices[mesh.edges_unique], axis=1), axis=2)
        longest = np.quantile(edge, 0.8)
        vertices, triangles = trimesh.remesh.subdivide_to_size(mesh.vertices, mesh.faces, longest)
        mesh = trimesh.Trimesh(vertices, triangles)
    return mesh


def prepare(mesh: trimesh.Trimesh, samples: int, resolution: int) -> None:
    """What a worker does for a shape."""
    rng = np.random.default_rng(0)
    cleaned = clean_mesh(mesh.vertices, mesh.faces)
    solid = make_solid(cleaned.vertices, cleaned.faces, sheet_thickness=0.03)
    grid = signed_distance_grid(solid, resolution)
    sample_signed_distance(solid, grid, samples, rng)
    sample_surface(solid, 30_000, rng)


def peer(mesh: trimesh.Trimesh, samples: int, resolution: int) -> None:
    """Distance and winding number by libigl, nothing else."""
    points = np.concatenate(
        [
            grid_points(resolution),
            trimesh.sample.sample_surface(mesh, samples, seed=0)[0]
            + np.random.default_rng(0).normal(scale=0.05, size=(samples, 3)),
        ]
    )
    vertices, faces = np.ascontiguousarray(mesh.vertices), np.asarray(mesh.faces, np.int64)
    igl.point_mesh_squared_distance(points, vertices, faces)
    igl.fast_winding_number(vertices, faces, points)


def best(work: Callable[[], None], repetitions: int = 3) -> float:
    """Shortest processor time of a call [s]."""
    times = []
    for _ in range(repetitions):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", type=int, default=3)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--resolution", type=int, default=64)
    chosen = parser.parse_args()
    sizes = (chosen.samples, chosen.resolution)
    print(" faces   shapes/s/core   s/shape   times libigl alone")
    for faces in (1_000, 5_000, 25_000):
        meshes = [mesh_with(faces, index) for index in range(chosen.shapes)]
        ours = np.mean([best(lambda mesh=mesh: prepare(mesh, *sizes)) for mesh in meshes])
        floor = np.mean([best(lambda mesh=mesh: peer(mesh, *sizes)) for mesh in meshes])
        count = np.mean([len(mesh.faces) for mesh in meshes])
        print(f"{count:6.0f} {1 / ours:15.2f} {ours:9.2f} {ours / floor:20.2f}")


if __name__ == "__main__":
    main()
