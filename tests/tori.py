"""Analytic shapes for small trainings: what they read, and the names of what they write."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from toposhape.topology import superlevel_diagrams


def torus(points: np.ndarray, i: int) -> np.ndarray:
    """Signed distance to the i-th torus about the y axis."""
    ring = np.hypot(points[..., 0], points[..., 2]) - (0.45 + 0.03 * i)
    return np.hypot(ring, points[..., 1]) - 0.2


@lru_cache
def tori(shapes: int, resolution: int, drawn: int, kept: int) -> dict[str, dict[str, np.ndarray]]:
    """Samples, grids and surfaces; of samples so many of each sign are kept of those drawn."""
    rng, axis = np.random.default_rng(0), np.linspace(-1, 1, resolution)
    vertices = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    found: dict[str, dict[str, np.ndarray]] = {"samples": {}, "grids": {}, "surfaces": {}}
    for i in range(shapes):
        points = rng.uniform(-1, 1, (drawn, 3))
        samples = np.concatenate([points, torus(points, i)[:, None]], axis=1).astype(np.float32)
        inside, outside = samples[samples[:, 3] < 0][:kept], samples[samples[:, 3] > 0][:kept]
        found["samples"][f"t{i}"] = np.stack([inside, outside])
        found["grids"][f"t{i}"] = torus(vertices, i).astype(np.float32)
        around, along = rng.uniform(0, 2 * np.pi, (2, kept))
        distance = 0.45 + 0.03 * i + 0.2 * np.cos(along)
        surface = [distance * np.cos(around), 0.2 * np.sin(along), distance * np.sin(around)]
        found["surfaces"][f"t{i}"] = np.stack(surface, axis=1).astype(np.float32)
    return found


def diagrams_of(rows: dict[str, dict[str, np.ndarray]]) -> list[tuple[np.ndarray, ...]]:
    """Diagrams of their grids."""
    grids = np.stack(list(rows["grids"].values()))
    return [d.points for d in superlevel_diagrams(-grids, min_persistence=0.01, threads=1)]


def files(folder: Path, name: str) -> dict[str, Path]:
    """Where a training writes."""
    return {
        "weights": folder / f"{name}.safetensors",
        "metadata": folder / f"{name}.json",
        "history": folder / f"{name}.csv",
        "checkpoints": folder / f"{name}_checkpoints",
    }
