"""The regulariser (5) by one vector-Jacobian product, and by a naive double backward.

Part of the page that `training.py` writes.
"""

from collections.abc import Callable
from typing import get_args

import torch
from deepsdf_loop import processor_seconds

from toposhape.generators import ImplicitDecoder, gradient
from toposhape.generators.implicit.decoder import Activation
from toposhape.generators.implicit.objectives import data_loss, eikonal_loss, geometric_regulariser
from toposhape.settings.implicit import Decoder

SHAPES, POINTS, ROUNDS = 4, 512, 7


def with_hessian(
    decoder: ImplicitDecoder, points: torch.Tensor, codes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(5) as it is written: three more backward passes for the Hessian's rows."""
    points = points.detach().requires_grad_()
    slopes = gradient(decoder, points, codes)
    rows = [
        torch.autograd.grad(slopes[..., i].sum(), points, create_graph=True)[0] for i in range(3)
    ]
    bent = torch.einsum("bpi,bpij,bpj->bp", slopes, torch.stack(rows, dim=-2), slopes)
    return eikonal_loss(slopes), (bent / (slopes.square().sum(-1) + 1e-6)).abs().mean()


def best_times(steps: dict[str, Callable[[], None]], device: str) -> dict[str, float]:
    """Least seconds of each step, taken alternately."""
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        for name, step in steps.items():
            begin = processor_seconds(device)
            step()
            best[name] = min(best[name], processor_seconds(device) - begin)
    return best


def row(activation: Activation, device: str) -> str:
    """One line of the table."""
    torch.manual_seed(0)
    settings = Decoder()
    decoder = ImplicitDecoder(settings, activation).to(device)
    points = torch.rand(SHAPES, POINTS, 3, device=device) * 2 - 1
    codes = torch.randn(SHAPES, settings.latent_size, device=device)
    distances = torch.rand(SHAPES, POINTS, device=device)
    steps = {
        "data": lambda: data_loss(decoder(points, codes), distances).backward(),
        "ours": lambda: sum(geometric_regulariser(decoder, points, codes)).backward(),
        "Hessian": lambda: sum(with_hessian(decoder, points, codes)).backward(),
    }
    best = {name: 1000 * seconds for name, seconds in best_times(steps, device).items()}
    listed = " | ".join(f"{value:.1f}" for value in best.values())
    return f"| {activation} | {listed} | **{best['Hessian'] / best['ours']:.2f}** |"


def second_derivative_lines(device: str) -> list[str]:
    """The table, for every activation that has second derivatives."""
    smooth = [activation for activation in get_args(Activation) if activation != "relu"]
    return [
        "| activation | data term, ms | (5), ms | (5) by the Hessian, ms | times faster |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(row(activation, device) for activation in smooth),
    ]
