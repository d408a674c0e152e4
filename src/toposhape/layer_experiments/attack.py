"""Figures 12 and 13: images are changed until a classifier says what the attacker wants."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from toposhape.base.outcome import Outcome
from toposhape.learning.optimisers import Adam

from .classifiers import accuracy, trained_classifier
from .digits import DigitSets

KINDS = ("MLP", "CNN", "topological")
STEPS = {"signs": 50, "Adam": 100}
SIGN_STEP, ADAM_RATE = 0.01, 0.02


def run(settings: Any, data: DigitSets, seed: int) -> Outcome:
    """Attack each classifier in two ways, each image towards a random other label."""
    numbers, pictures = {}, {}
    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(data.test.images[: settings.attacked])
    labels = torch.from_numpy(data.test.labels[: settings.attacked])
    goals = (labels + torch.randint(1, 10, labels.shape, generator=generator)) % 10
    pictures["images"] = images[:10].numpy()
    for kind in KINDS:
        classifier = trained_classifier(data.train, seed, kind)
        numbers[f"{kind}, accuracy"] = accuracy(classifier, data.test)
        for way in STEPS:
            found = _attacked(classifier, images, goals, way)
            with torch.no_grad():
                fooled = classifier(found).argmax(1) == goals
            change = (found - images).flatten(1).norm(dim=1)
            numbers[f"{kind}, {way}, success"] = float(fooled.float().mean())
            numbers[f"{kind}, {way}, change"] = float(change.mean())
            if way == "Adam":
                pictures[kind] = found[:10].numpy()
    return Outcome(numbers, pictures)


def _attacked(classifier: nn.Module, images: Tensor, goals: Tensor, way: str) -> Tensor:
    """Descend on the cross entropy of the goals; pixels stay between 0 and 1."""
    found = images.clone().requires_grad_()
    optimiser = Adam([found], ADAM_RATE)
    for _ in range(STEPS[way]):
        optimiser.zero_grad()
        cost = nn.functional.cross_entropy(classifier(found), goals, reduction="sum")
        (found.grad,) = torch.autograd.grad(cost, found)
        with torch.no_grad():
            if way == "Adam":
                optimiser.step()
            else:
                found -= SIGN_STEP * found.grad.sign()
            found.clamp_(0, 1)
    return found.detach()
