"""How large the sphere is that a geometrically initialised network starts from."""

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.learning.seeds import derived_seed
from toposhape.settings.scans import SurfaceNetwork

from .network import calibrate_sphere, no_code

WANTED = 0.5
"""Radius."""
NETWORKS = {
    "4 x 128, SiLU": SurfaceNetwork(),
    "4 x 128, softplus": SurfaceNetwork(activation="softplus"),
    "8 x 512, softplus": SurfaceNetwork(
        width=512, depth=8, skip_layers=(4,), activation="softplus"
    ),
    "4 x 128, softplus of 20": SurfaceNetwork(activation="softplus", sharpness=20),
}
DIRECTIONS = 200
FARTHEST = 2.0
RADII = 201


@torch.no_grad()
def initial_radii(
    settings: SurfaceNetwork, seed: tuple[int, ...], *, calibrated: bool
) -> NDArray[np.float64]:
    """Where f first changes its sign in random directions, at random weights.

    Args:
        settings: of the network.
        seed: of weights and directions.
        calibrated: whether the output layer is set by what the hidden layers give; otherwise the
            formula of the paper stands.

    Returns:
        (`DIRECTIONS`,), at most 2; not a number where f has one sign.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derived_seed(seed, "surface"))
        network = ImplicitDecoder(settings.decoder(), settings.activation)
        if calibrated:
            calibrate_sphere(network, WANTED)
        directions = torch.nn.functional.normalize(torch.randn(DIRECTIONS, 1, 3), dim=2)
    radii = torch.linspace(0, FARTHEST, RADII)
    points = (radii[:, None] * directions).reshape(1, -1, 3)
    values = network(points, no_code(points)).reshape(DIRECTIONS, RADII)
    outside = (values[:, 1:] > 0) & (values[:, :1] < 0)
    first = outside.int().argmax(dim=1)
    found = torch.where(outside.any(dim=1), radii[1:][first], torch.nan)
    return found.numpy().astype(np.float64)
