"""Figures 8, 9 and 16, table 10: a generator of digits learns that a digit hangs together.

A generator is trained against a discriminator and stopped early (*baseline*).  From there the loss
E(1, 0, 2; PD0) of the superlevel sets changes the codes alone, or the generator; for comparison the
generator learns against a discriminator of diagrams, or simply goes on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import SGD, Adam
from toposhape.topology import LevelSetPersistence, diagram_energy, longest

from .classifiers import trained_classifier
from .digits import SIDE, DigitSets
from .image_scores import image_scores, inception_score

CODE, BATCH, RATE = 100, 64, 2e-4
TOPOLOGY_STEPS, TOPOLOGY_RATE, CODE_RATE = 50, 0.05, 0.1
LONGER = 4
"""Times as many steps, to tell what cannot be learned from what is not learned yet."""
QUERIES, QUERY_STEPS, QUERY_RATE = 50, 100, 0.05
DIAGRAM_STEPS, TOPS = 100, (1, 2, 3, 9)
VISIBLE = 0.2
"""Length of a bar from which on it is a piece that one sees."""

PIECES = LevelSetPersistence(2, degrees=(0,))
HOLES = LevelSetPersistence(2, degrees=(1,))
LINES, ON_A_LINE = 10, 10


class Generator(nn.Sequential):
    """Codes ``(B, 100)`` to images ``(B, 28, 28)``; the paper's example code, one layer less."""

    def __init__(self) -> None:
        sizes = (CODE, 128, 256, 512)
        layers: list[nn.Module] = []
        for i, (given, made) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
            norm = [nn.BatchNorm1d(made, eps=0.8)] if i else []
            layers += [nn.Linear(given, made), *norm, nn.LeakyReLU(0.2)]
        last = [nn.Linear(sizes[-1], SIDE**2), nn.Sigmoid(), nn.Unflatten(1, (SIDE, SIDE))]
        super().__init__(*layers, *last)


def discriminator(width: int) -> nn.Sequential:
    """Return a network from ``(B, width)`` to one logit."""
    return nn.Sequential(
        nn.Linear(width, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2),
        nn.Linear(128, 1),
    )  # fmt: skip


def run(settings: Any, data: DigitSets, seed: int) -> Outcome:
    """Train, change, and score all five generators on the same codes and test images."""
    torch.manual_seed(seed)
    images = torch.from_numpy(data.train.images)
    codes = torch.randn(settings.generated, CODE)
    player = discriminator(SIDE**2)
    optimisers: dict[str, torch.optim.Optimizer] = {}
    baseline = Generator()
    play(baseline, player, images, settings.generator_iterations, nn.Flatten(), optimisers)
    judged = trained_classifier(data.train, seed)
    made = {"baseline": images_of(baseline, codes)}
    made["codes"] = images_of(baseline, _better_codes(baseline, codes))
    changed = with_topology(baseline, PIECES, TOPOLOGY_STEPS)
    made["topology"] = images_of(changed, codes)
    lines = {
        "baseline": images_of(baseline, _between(codes)),
        "topology": images_of(changed, _between(codes)),
    }
    early, diagrams = copy.deepcopy(baseline), copy.deepcopy(baseline)
    play(diagrams, discriminator(len(TOPS)), images, DIAGRAM_STEPS, _tops, {})
    made["diagram discriminator"] = images_of(diagrams, codes)
    play(baseline, player, images, settings.generator_more, nn.Flatten(), optimisers)
    made["trained on"] = images_of(baseline, codes)
    numbers: dict[str, float] = {}
    truth = data.test.images[: settings.generated]
    for name, found in [*made.items(), ("test images", data.train.images[: len(codes)])]:
        numbers |= {f"{name}, {k}": v for k, v in _judged(found, truth, judged).items()}
    pictures = {name: found[:10] for name, found in made.items()}
    for name, found in lines.items():
        numbers[f"{name}, line in one piece"] = in_one_piece(found)
        pictures[f"{name}, line"] = found[:10]
    longer = with_topology(early, PIECES, LONGER * TOPOLOGY_STEPS)
    numbers["longer, one piece"] = in_one_piece(images_of(longer, codes))
    numbers["longer, line in one piece"] = in_one_piece(images_of(longer, _between(codes)))
    with_ring, without = _without_rings(changed, codes)
    numbers["query, rings before"], numbers["query, rings after"] = map(
        _rings, (with_ring, without)
    )
    return Outcome(numbers, pictures | {"rings": with_ring[:10], "rings away": without[:10]})


def _judged(found: np.ndarray, truth: np.ndarray, classifier: nn.Module) -> dict[str, float]:
    """Score images by table 10's metrics and by what hangs together."""
    bars = PIECES(torch.from_numpy(found))
    return {
        "one piece": in_one_piece(found),
        "energy": float(diagram_energy(bars, 0).mean()),
        **image_scores(found, truth),
        "inception": inception_score(classifier, torch.from_numpy(found)),
    }


def in_one_piece(found: np.ndarray, pieces: nn.Module = PIECES) -> float:
    """Return the share of images without a second visible piece."""
    return float((longest(pieces(torch.from_numpy(found)), 0, 1) <= VISIBLE).float().mean())


def _rings(found: np.ndarray) -> float:
    """Return the share of images with a visible hole."""
    return float((longest(HOLES(torch.from_numpy(found)), 1, 1) > VISIBLE).float().mean())


def play(
    generator: nn.Module,
    player: nn.Module,
    images: Tensor,
    steps: int,
    seen: Callable[[Tensor], Tensor],
    optimisers: dict[str, torch.optim.Optimizer],
) -> None:
    """Train a generator against a discriminator of what is seen of images (Goodfellow, 2014)."""
    if not optimisers:
        for name, network in (("made", generator), ("seen", player)):
            optimisers[name] = Adam(network.parameters(), RATE, betas=(0.5, 0.999), fused=True)
    yes, no = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    cost = nn.functional.binary_cross_entropy_with_logits
    generator.train()
    own = list(generator.parameters())
    for real in _batches(images, steps):
        made = generator(torch.randn(BATCH, CODE))
        optimisers["made"].zero_grad()
        cost(player(seen(made)), yes).backward(inputs=own)  # the player's come from its own cost
        optimisers["made"].step()
        optimisers["seen"].zero_grad()
        (cost(player(seen(real)), yes) + cost(player(seen(made.detach())), no)).backward()
        optimisers["seen"].step()


def _batches(images: Tensor, steps: int) -> Iterator[Tensor]:
    """Draw that many batches."""
    for _ in range(steps):
        yield images[torch.randint(len(images), (BATCH,))]


def _tops(images: Tensor) -> Tensor:
    """Return sums of the 1, 2, 3 and 9 longest finite bars, ``(B, 4)``."""
    sums = longest(PIECES(images), 0, TOPS[-1]).cumsum(1)
    return sums[:, [k - 1 for k in TOPS]]


def with_topology(
    baseline: nn.Module, pieces: nn.Module, steps: int, rate: float = TOPOLOGY_RATE
) -> nn.Module:
    """Return a copy of the generator after some steps on the topology loss alone."""
    generator = copy.deepcopy(baseline).train()
    optimiser = SGD(generator.parameters(), rate)
    for _ in range(steps):
        optimiser.zero_grad()
        diagram_energy(pieces(generator(torch.randn(BATCH, CODE))), 0).mean().backward()
        optimiser.step()
    return generator


def _better_codes(baseline: nn.Module, codes: Tensor) -> Tensor:
    """Return codes after as many steps on the topology loss, the generator being fixed."""
    generator, found = copy.deepcopy(baseline).eval(), codes.clone().requires_grad_()
    optimiser = SGD([found], CODE_RATE)
    for _ in range(TOPOLOGY_STEPS):
        optimiser.zero_grad()
        diagram_energy(PIECES(generator(found)), 0).sum().backward()
        optimiser.step()
    return found.detach()


def _between(codes: Tensor) -> Tensor:
    """Return codes on the straight lines between pairs of codes, figure 9."""
    share = torch.linspace(0, 1, ON_A_LINE)[:, None]
    pairs = codes[: 2 * (min(2 * LINES, len(codes)) // 2)].split(2)
    return torch.cat([(1 - share) * one + share * other for one, other in pairs])


def _without_rings(generator: nn.Module, codes: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return images with the clearest holes, and what codes become as holes cost, figure 16."""
    generator = copy.deepcopy(generator).eval()
    with torch.no_grad():
        lengths = longest(HOLES(generator(codes)), 1, 1)[:, 0]
    start = codes[lengths.topk(min(QUERIES, len(codes))).indices]
    found = start.clone().requires_grad_()
    optimiser = Adam([found], QUERY_RATE)
    for _ in range(QUERY_STEPS):
        optimiser.zero_grad()
        diagram_energy(HOLES(generator(found)), 1).sum().backward()
        optimiser.step()
    return images_of(generator, start), images_of(generator, found.detach())


@torch.no_grad()
def images_of(generator: nn.Module, codes: Tensor) -> np.ndarray:
    """Return the images of codes, ``(B, 28, 28)``, or whatever the generator makes."""
    made: np.ndarray = copy.deepcopy(generator).eval()(codes).numpy()
    return made
