"""What the figures of the ShapeGF chapter show, from its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from toposhape.publication.pictures.rendering import render

SHOWN = 6
PIXELS = 260
SHOWN_ROWS = {
    "test": "test shapes",
    "encoded": "auto-encoded",
    "marched": "auto-encoded: the paper's surface, by rays",
    "sheet": "auto-encoded: outer sheets",
}

Item = NDArray[np.float32] | NDArray[np.uint8]


def shown_rows(
    shown: Mapping[str, NDArray[np.float32]],
    methods: Sequence[str],
    clouds: Sequence[str | Path],
    meshes: Sequence[str | Path],
) -> dict[str, list[Item]]:
    """Rows of the figure of clouds: test shapes, auto-encoded ones, and each method's.

    Args:
        shown: arrays as `jobs.cloud_trajectories.write_shown` stores them.
        methods: their labels.
        clouds: clouds.npy of each.
        meshes: the folder of meshes of each.
    """
    rows: dict[str, list[Item]] = {
        label: list(shown[name][:SHOWN]) for name, label in SHOWN_ROWS.items()
    }
    for method, cloud, folder in zip(methods, clouds, meshes, strict=True):
        rows[f"{method}: clouds"] = list(np.load(cloud, mmap_mode="r")[0][:SHOWN])
        files = sorted(Path(folder).glob("*.ply"))[:SHOWN]
        rows[f"{method}: outer sheets"] = [_picture(file) for file in files]
    return rows


def shown_ways(shown: Mapping[str, NDArray[np.float32]]) -> dict[str, list[Item]]:
    """Rows of the figure of interpolations: clouds from a test shape to the next one."""
    return {f"from shape {i} to {i + 1}": list(way) for i, way in enumerate(shown["between"], 1)}


def shown_steps(shown: Mapping[str, NDArray[np.float32]]) -> list[dict[str, NDArray[np.float32]]]:
    """Clouds of some shapes by their level of noise, in the order of sampling."""
    found: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, points in shown.items():
        shape, bar, level = name.partition("|")
        if bar:
            found.setdefault(shape, {})[level] = points
    return list(found.values())


def _picture(file: Path) -> NDArray[np.uint8]:
    mesh = trimesh.load_mesh(file, process=False)
    if len(mesh.faces) == 0:
        return np.full((PIXELS, PIXELS, 3), 255, np.uint8)
    return render(mesh.vertices, mesh.faces, size=(PIXELS, PIXELS))
