"""Figure 11, table 10: a generator of chairs in voxels learns that a chair hangs together.

As with digits (`generator`): a generator is trained against a discriminator and stopped early, then
the loss E(1, 0, 2; PD0) of the superlevel sets changes it for a few batches.  Chairs are drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn

from toposhape.base.outcome import Outcome
from toposhape.shapes.furniture import FurnitureShape, make_shape
from toposhape.shapes.grids import grid_points
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.orientation import inside_by_winding
from toposhape.shapes.signed_distance import closest_on
from toposhape.topology import LevelSetPersistence, diagram_energy

from .generator import CODE, LONGER, discriminator, images_of, in_one_piece, play, with_topology
from .image_scores import image_scores

SIDE = 20
STEPS, RATE = 20, 0.05
PIECES = LevelSetPersistence(3, degrees=(0,))
SHOWN = 10
TURN, TILT = 30, 20  # degrees, of the pictures


class Generator(nn.Sequential):
    """Codes ``(B, 100)`` to voxels ``(B, 20, 20, 20)``."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [nn.Linear(CODE, 128), nn.LeakyReLU(0.2)]
        for given, made in ((128, 256), (256, 512)):
            layers += [nn.Linear(given, made), nn.BatchNorm1d(made, eps=0.8), nn.LeakyReLU(0.2)]
        last = [nn.Linear(512, SIDE**3), nn.Sigmoid(), nn.Unflatten(1, (SIDE,) * 3)]
        super().__init__(*layers, *last)


def run(settings: Any, data: None, seed: int) -> Outcome:
    """Train and change a generator, and score both on the same codes."""
    torch.manual_seed(seed)
    chairs = voxel_chairs(settings.chairs + settings.voxels_scored, seed)
    train, test = chairs[: settings.chairs], chairs[settings.chairs :]
    codes = torch.randn(settings.voxels_scored, CODE)
    generator = Generator()
    player = discriminator(SIDE**3)
    play(generator, player, torch.from_numpy(train), settings.voxel_iterations, nn.Flatten(), {})
    made = {"baseline": images_of(generator, codes)}
    for name, steps in (("topology", STEPS), ("longer", LONGER * STEPS)):
        made[name] = images_of(with_topology(generator, PIECES, steps, RATE), codes)
    numbers: dict[str, float] = {}
    for name, found in [*made.items(), ("chairs", train[: len(test)])]:
        bars = PIECES(torch.from_numpy(found))
        judged = {
            "one piece": in_one_piece(found, PIECES),
            "energy": float(diagram_energy(bars, 0).mean()),
            **image_scores(found, test),
        }
        numbers |= {f"{name}, {score}": value for score, value in judged.items()}
    shown = {"chairs": train, **made}
    return Outcome(numbers, {name: views(found[:SHOWN]) for name, found in shown.items()})


def voxel_chairs(count: int, seed: int) -> NDArray[np.float32]:
    """Draw chairs, ``(count, 20, 20, 20)`` from 0 to 1.

    1 inside and up to half a voxel outside, so that thin legs hang together; then falling to 0
    within a voxel.
    """
    return np.stack([_voxels(make_shape("chair", seed, i)) for i in range(count)])


def _voxels(made: FurnitureShape) -> NDArray[np.float32]:
    """Return a chair's voxels; only vertices farther than half a voxel need to know their side.

    An edge between two such vertices does not cross the surface, so that vertices which hang
    together by such edges are on one side, and those that hang together with a corner outside.
    """
    step = 2 / (SIDE - 1)
    vertices = np.asarray(made.vertices, np.float64)
    vertices = normalising_transform(vertices).apply(vertices)
    points = grid_points(SIDE)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    near = (np.abs(points - np.clip(points, low, high)) < 1.5 * step).all(axis=1)
    distance = np.full(len(points), np.inf)  # what is not near the box is 0 in any case
    distance[near] = closest_on(vertices[made.faces], points[near])[0]
    far = (distance > step / 2).reshape((SIDE,) * 3)
    region = ndimage.label(far)[0].reshape(-1)
    enclosed = (region > 0) & (region != region[0])
    inside = np.ones(len(points), bool)
    inside[region == region[0]] = False
    inside[enclosed] = inside_by_winding(vertices, made.faces, points[enclosed])
    values = np.where(inside, 1, np.clip(1.5 - distance / step, 0, 1))
    return values.reshape(far.shape).astype(np.float32)


def views(voxels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return pictures ``(n, h, h)`` of voxels, what is nearer is brighter, empty space black."""
    return np.stack([_view(each) for each in voxels])


def _view(voxels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Look along the third axis, from above and aside; the second one is upright."""
    fine = ndimage.zoom(np.pad(voxels, 2), 2, order=1)
    turned = ndimage.rotate(fine, TURN, axes=(0, 2), reshape=False, order=1)
    turned = ndimage.rotate(turned, -TILT, axes=(1, 2), reshape=False, order=1)
    solid = turned > 0.5
    depth = np.linspace(0.15, 1, turned.shape[2])
    picture: NDArray[np.float32] = np.where(solid, depth, 0).max(axis=2).T[::-1].astype(np.float32)
    return picture
