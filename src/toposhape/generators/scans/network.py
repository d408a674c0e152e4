"""The network of one surface: a decoder without codes, which may start as a sphere.

The geometric initialisation's formula (Atzmon and Lipman, SAL, 2020) holds for ReLU. With softplus
each layer adds ln 2 / beta, so that deep networks start far smaller than asked, or without any
zero; here the output layer is set by what the hidden layers give on the wanted sphere.
"""

import torch
from torch import Tensor

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.learning.seeds import derived_seed
from toposhape.settings.scans import SurfaceNetwork

DIRECTIONS = 1024
"""In which the initial sphere is measured."""
STEP = 0.1
"""Of the radius, for the slope across the sphere."""


def new_network(
    settings: SurfaceNetwork, seed: tuple[int, ...], latent_size: int = 1
) -> ImplicitDecoder:
    """A network before its first step.

    Args:
        settings: of the network.
        seed: of its weights.
        latent_size: of codes, if it has any.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derived_seed(seed, "surface"))
        network = ImplicitDecoder(settings.decoder(latent_size), settings.activation)
        if settings.initialisation == "sphere" and settings.activation != "sine":
            calibrate_sphere(network, settings.radius)
    return network


def no_code(points: Tensor, latent_size: int = 1) -> Tensor:
    """The code of a network without codes, for points (B, P, 3): zeros (B, d)."""
    return points.new_zeros(len(points), latent_size)


@torch.no_grad()
def calibrate_sphere(network: ImplicitDecoder, radius: float) -> None:
    """Set the output layer so that the zero set is that sphere on average, with slope 1 there.

    Args:
        network: geometrically initialised.
        radius: wanted.
    """
    directions = torch.nn.functional.normalize(torch.randn(1, DIRECTIONS, 3), dim=-1)
    code = no_code(directions, network.latent_size)
    inner, middle, outer = (
        network(share * radius * directions, code).mean() for share in (1 - STEP, 1.0, 1 + STEP)
    )
    slope = (outer - inner) / (2 * STEP * radius)
    without_bias = middle - network.output.bias
    network.output.weight /= slope
    network.output.bias.copy_(-without_bias / slope)
