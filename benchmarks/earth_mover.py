"""The exact earth mover's distance, and what the published approximation makes of the same clouds.

    OMP_NUM_THREADS=1 python benchmarks/earth_mover.py [points]

Prints, for pairs of clouds of procedural chairs, processor seconds and the distance of the optimal
assignment, and the distance of the fractional matching that PointFlow and ShapeGF score with on a
GPU: Fan, Su, Guibas, A Point Set Generation Network for 3D Object Reconstruction, CVPR 2017, whose
weights exp(-4^j d^2), j from 7 down, do not grow with the clouds. docs/scores.md quotes it.
"""

import sys
import time

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from toposhape.evaluation.earth_mover import earth_mover_distance
from toposhape.shapes.furniture import make_shape

LEVELS = [-(4.0**j) for j in range(7, -2, -1)] + [0.0]
FAR = 1e-9


def matching_distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Mean distance of Fan et al.'s fractional matching of two clouds (n, 3)."""
    distances = cdist(a, b)
    left, right = np.ones(len(a)), np.ones(len(b))
    cost = 0.0
    for level in LEVELS:
        weights = np.exp(level * distances**2)
        offered = left / (weights @ right + FAR)
        asked = right * (offered @ weights)
        taken = np.minimum(right / (asked + FAR), 1) * right
        moved = weights * offered[:, None] * taken
        right = np.maximum(right - asked, 0)
        left = np.maximum(left - moved.sum(axis=1), 0)
        cost += float((moved * distances).sum())
    return cost / len(a)


def chair(index: int, points: int, seed: int) -> NDArray[np.float64]:
    """Points on a procedural chair whose bounding box has the diagonal 1, as ShapeNet's."""
    shape = make_shape("chair", 0, index)
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    drawn, _ = trimesh.sample.sample_surface(mesh, points, seed=seed)
    return np.asarray((drawn - mesh.bounds.mean(axis=0)) / np.linalg.norm(np.ptp(mesh.bounds, 0)))


def main() -> None:
    """Print a line for each pair."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    print(f"{points} points\npair                      exact  seconds  matching  ratio")
    for name, (i, j), scale in (
        ("one chair, drawn twice", (0, 0), 1.0),
        ("the same at half scale", (0, 0), 0.5),
        ("two chairs", (0, 1), 1.0),
        ("two others", (2, 3), 1.0),
    ):
        a, b = scale * chair(i, points, 0), scale * chair(j, points, 1)
        begin = time.process_time()
        exact = earth_mover_distance(a, b)
        seconds = time.process_time() - begin
        found = matching_distance(a, b)
        print(f"{name:24} {exact:7.4f} {seconds:8.3f} {found:9.4f} {found / exact:6.2f}")


if __name__ == "__main__":
    main()
