"""The families of generators: who they are, which files they have, and reading any of them.

A further family is a folder beside this file and an entry here. This module is light: it is
imported while Snakemake plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toposhape.models import model_names, model_weights

if TYPE_CHECKING:
    import torch

    from .contract import Generator


class Family(NamedTuple):
    """A family of generators.

    Attributes:
        module: of this package; its `load_generator(weights, device, sampling)` reads a generator.
        files: of a trained generator, in its folder; the first are the weights.
        has_codes: whether it learns a code for every training shape, so that codes can be drawn
            from posteriors and fitted to given shapes.
    """

    module: str
    files: tuple[str, ...]
    has_codes: bool


FAMILIES = {
    "implicit": Family(
        "implicit.store", ("generator.safetensors", "generator.json"), has_codes=True
    ),
    "vector_sets": Family(
        "vector_sets.generator",
        (
            "generator.safetensors",
            "generator.json",
            "autoencoder.safetensors",
            "autoencoder.json",
        ),
        has_codes=False,
    ),
    "gradient_fields": Family(
        "gradient_fields.generator", ("generator.safetensors", "generator.json"), has_codes=False
    ),
}


def load(
    weights: str | Path,
    device: torch.device | str = "cpu",
    sampling: Mapping[str, Any] | None = None,
) -> Generator:
    """Read a trained generator of any family.

    Args:
        weights: the safetensors file; the family's other files lie beside it. Or the name of a
            generator that comes with the package, as "chair".
        device: where it shall live.
        sampling: the family's settings of sampling, if it has some; its defaults if left out.

    Raises:
        DamagedWeightsError: if the weights are not those that the metadata describe.
        UnknownFormatError: for a sound file that this version cannot read: of an unknown family,
            of no generator of shapes, or of another format.
        FileNotFoundError: if a file is not there.

    Examples:
        >>> import numpy as np
        >>> chair = load("chair")
        >>> codes = np.zeros((1, chair.latent_size), np.float32)
        >>> (shape,) = chair.shapes(codes, resolution=16)
        >>> shape.field.shape, bool(shape.field.min() < 0 < shape.field.max())
        ((16, 16, 16), True)
    """
    from toposhape.learning.stored_weights import describe_weights

    if isinstance(weights, str) and weights in model_names():
        weights = model_weights(weights)
    family = describe_weights(weights, known=FAMILIES)["family"]
    module = import_module(f".{FAMILIES[family].module}", __package__)
    generator: Generator = module.load_generator(weights, device, sampling)
    return generator
