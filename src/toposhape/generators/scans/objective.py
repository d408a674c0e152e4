"""IGR's loss (2): the terms, without their weights."""

import torch
from torch import Tensor

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.implicit.derivatives import gradient
from toposhape.generators.implicit.objectives import eikonal_loss

from .draws import SurfaceDraw
from .network import no_code

TERMS = ("surface", "normal", "eikonal")


def surface_terms(network: ImplicitDecoder, draw: SurfaceDraw) -> Tensor:
    """Means of |f| and |grad f - n| over the scan's points, and of (|grad f| - 1)^2 around them.

    Args:
        network: f.
        draw: the points of a step; without normals the second term is 0.

    Returns:
        (3,), in the order of `TERMS`.
    """
    around = draw.around.detach().requires_grad_()
    eikonal = eikonal_loss(gradient(network, around, no_code(around)), power=2)
    if draw.normals is None:
        values = network(draw.surface, no_code(draw.surface))
        return torch.stack([values.abs().mean(), eikonal.new_zeros(()), eikonal])
    points = draw.surface.detach().requires_grad_()
    values = network(points, no_code(points))
    slopes = torch.autograd.grad(values.sum(), points, create_graph=True)[0]
    misfit = (slopes - draw.normals).norm(dim=-1).mean()
    return torch.stack([values.abs().mean(), misfit, eikonal])
