"""Section 4 at networks: surfaces of known distance, learned from points without normals.

IGR's table 1 and figure 2: how well f becomes the distance to a plane and to a sphere, from the
geometric initialisation and from torch's own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.settings.scans import SurfaceFitting, SurfaceMethod, SurfaceNetwork

from .fitting import fit_surface
from .network import no_code
from .store import load_surface

Array = NDArray[np.floating]
STARTS = ("plain", "sphere")
"""Initialisations: torch's own, and the geometric one."""
POINTS = 2000
"""Of a scan."""
MEASURED = 20_000
"""Points in [-1, 1]^3 at which f is compared with the distance."""
SLICE = 101
"""Points along an edge of the plane y = 0."""
FITTING = SurfaceFitting(
    network=SurfaceNetwork(width=64, depth=4), max_epochs=50, points_per_step=256
)


class KnownSurface(NamedTuple):
    """Points on it from random numbers, and the signed distance at points (n, 3): (n,)."""

    points: Callable[[np.random.Generator], Array]
    distance: Callable[[Array], Array]


def _plane_points(random: np.random.Generator) -> Array:
    return random.uniform(-1, 1, (POINTS, 3)) * [1, 1, 0]


def _sphere_points(random: np.random.Generator) -> Array:
    points = random.normal(size=(POINTS, 3))
    on_sphere: Array = RADIUS * points / np.linalg.norm(points, axis=1, keepdims=True)
    return on_sphere


RADIUS = 0.6
SURFACES = {
    "plane": KnownSurface(_plane_points, lambda x: x[:, 2]),
    "sphere": KnownSurface(_sphere_points, lambda x: np.linalg.norm(x, axis=1) - RADIUS),
}


class Reproduction(NamedTuple):
    """What became of a surface.

    Attributes:
        errors: relative ones |f - d| / |d| at points of the box, (n,).
        values: f on the plane y = 0, (S, S); rows are z, columns x, of [-1, 1].
    """

    errors: Array
    values: Array


def reproduce(name: str, start: str, seed: tuple[int, ...], folder: Path) -> Reproduction:
    """Learn a known surface from points alone.

    Args:
        name: of `SURFACES`.
        start: of `STARTS`.
        seed: of every random number.
        folder: for checkpoints and weights.
    """
    surface = SURFACES[name]
    random = np.random.default_rng(seed)
    network = FITTING.network.model_copy(update={"initialisation": start})
    fit_surface(
        surface.points(random).astype(np.float32),
        None,
        FITTING.model_copy(update={"network": network}),
        SurfaceMethod(normals=False),
        seed=seed,
        checkpoints=folder / "checkpoints",
        weights=folder / "network.safetensors",
        metadata=folder / "network.json",
        history=folder / "history.csv",
        title=f"{name} from {start}",
    )
    learned = load_surface(folder / "network.safetensors")
    places = random.uniform(-1, 1, (MEASURED, 3))
    true = surface.distance(places)
    found = _values(learned, places)
    sign = 1.0 if (found * true).sum() > 0 else -1.0  # without normals nothing says which it is
    axis = np.linspace(-1, 1, SLICE)
    z, x = np.meshgrid(axis, axis, indexing="ij")
    on_plane = np.stack([x.ravel(), np.zeros(x.size), z.ravel()], axis=1)
    return Reproduction(
        np.abs(sign * found - true) / np.abs(true),
        sign * _values(learned, on_plane).reshape(SLICE, SLICE),
    )


@torch.no_grad()
def _values(network: torch.nn.Module, points: Array) -> Array:
    at = torch.from_numpy(points.astype(np.float32))[None]
    distances: Array = network(at, no_code(at))[0].numpy().astype(np.float64)
    return distances
