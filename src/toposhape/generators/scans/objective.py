"""IGR's loss (2) and what its successors add: the terms, without their weights."""

import torch
from torch import Tensor

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.implicit.derivatives import directional_divergence
from toposhape.generators.implicit.objectives import eikonal_loss

from .draws import SurfaceDraw
from .network import no_code

TERMS = ("surface", "normal", "eikonal", "off_surface", "divergence")
OFF_SURFACE_SHARPNESS = 100.0
"""SIREN's alpha: values of f below about its inverse count as 0."""


def surface_terms(
    network: ImplicitDecoder,
    draw: SurfaceDraw,
    codes: Tensor | None = None,
    *,
    off_surface: bool = False,
    divergence: bool = False,
) -> Tensor:
    """Means over the scan's points and over those around them.

    Args:
        network: f.
        draw: the points of a step; without normals the second term is 0.
        codes: (B, d) of the scans of the step; None: f has none.
        off_surface: whether the fourth term is wanted; it is 0 otherwise.
        divergence: the same of the fifth, which costs as much as all others.

    Returns:
        (5,), in the order of `TERMS`: |f| and |grad f - n| at the scan's points, (|grad f| - 1)^2
        around them; of SIREN (Sitzmann et al., 2020, (6)) exp(-100 |f|) in the box; of StEik (Yang
        et al., 2023) the absolute second derivative of f along its gradient, around the points.
    """
    around = draw.around.detach().requires_grad_()
    codes = no_code(around) if codes is None else codes
    values = network(around, codes)
    slopes = torch.autograd.grad(values.sum(), around, create_graph=True)[0]
    eikonal = eikonal_loss(slopes, power=2)
    away = along = eikonal.new_zeros(())
    if off_surface:
        in_box = values[:, values.shape[1] - draw.in_box :]
        away = torch.exp(-OFF_SURFACE_SHARPNESS * in_box.abs()).mean()
    if divergence:
        along = directional_divergence(slopes, around).abs().mean()
    return torch.stack([*_at_the_scan(network, draw, codes), eikonal, away, along])


def _at_the_scan(
    network: ImplicitDecoder, draw: SurfaceDraw, codes: Tensor
) -> tuple[Tensor, Tensor]:
    if draw.normals is None:
        values = network(draw.surface, codes)
        return values.abs().mean(), values.new_zeros(())
    points = draw.surface.detach().requires_grad_()
    values = network(points, codes)
    slopes = torch.autograd.grad(values.sum(), points, create_graph=True)[0]
    return values.abs().mean(), (slopes - draw.normals).norm(dim=-1).mean()
