"""The experiments of *A Topology Layer for Machine Learning* (Brüel-Gabrielsson et al., 2020).

Each module has one of them: ``run(settings, data, seed) -> Outcome``.  `EXPERIMENTS` names them.
"""

from importlib import import_module
from typing import Any

EXPERIMENTS = {
    "points": "Figures 1 and 2: points move as a function of their diagram wants",
    "denoising": "Figure 3: one maximum for a noisy digit",
    "clusters": "Figure 5: coefficients with three values",
    "lines": "Figure 6: coefficients along a line",
    "image_regression": "Figure 7: coefficients that are an image",
    "generator": "Figures 8, 9 and 16, table 10: a prior for a generator of digits",
    "voxels": "Figure 11, table 10: the same for a generator of chairs in voxels",
    "attack": "Figures 12 and 13: attacks on a classifier of diagrams",
    "comparison": "Figures 15 and 19: a digit in two filtrations; weights of a regression",
    "mapping": "Figures 17 and 18: convolutions in front of the layer",
}

WITH_DIGITS = ("denoising", "generator", "attack", "comparison", "mapping")
"""Experiments that are given images of digits; the others are given None."""


def run_experiment(name: str, settings: Any, data: Any, seed: int) -> Any:
    """Run one of `EXPERIMENTS`; its module loads torch."""
    return import_module(f".{name}", __name__).run(settings, data, seed)
