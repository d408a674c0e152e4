"""The paper's ablations of noise levels, starts (table 4) and decoder (8), on letters."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from toposhape.base.files import whole
from toposhape.base.progress import reported
from toposhape.evaluation.earth_mover import earth_mover_distance
from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.generators.gradient_fields.generator import GradientFieldGenerator
from toposhape.generators.gradient_fields.samplers import langevin, start_points
from toposhape.learning.seeds import random_source
from toposhape.settings.gradient_fields import GradientFields, PointDenoiser
from toposhape.shapes.letters import letter_clouds, split_letters

from .letters import MEASURED, POINTS, chamfer_of_plane, learn_letters

USUAL = "as set"
STARTS = {"from N(0, I)": "gaussian", "from one point": "point"}
SINGLE_LEVELS = (0.1, 0.05, 0.01)
TRAININGS: Mapping[str, dict[str, Any]] = {
    USUAL: {},
    "ten levels, one for each shape": {"levels": 10, "levels_per": "shape"},
    "weight as published": {"weight": "published"},
    **{f"one level, {s:g}": {"most_noise": s, "least_noise": s} for s in SINGLE_LEVELS},
}
"""Changes of `gradient_fields.training`; equal ends leave one level."""
DECODERS: Mapping[str, dict[str, Any]] = {
    "(a)": {"shortcuts": False, "conditioned_by_point": False},
    "(ab)": {"conditioned_by_point": False},
    "(abc)": {},
    "(bd)": {"conditioning": "none", "code_with_point": True},
    "(abcd)": {"code_with_point": True},
}
"""Changes of `gradient_fields.denoiser`, beside conditional batch norm: a, that; b, shortcuts; c,
it sees the point, too; d, the code enters with the point. The deviation always does."""
STEPS = 100  # of Langevin dynamics at a single level, as many as the paper takes in all


def ablate_letters(
    settings: GradientFields, epochs: int, seed: int, checkpoints: Path, folder: Path, numbers: Path
) -> None:
    """Learn the letters with each change, and measure the same letters held out.

    Args:
        settings: of the family.
        epochs: of each training.
        seed: of everything.
        checkpoints: folder of all trainings.
        folder: where generators are written, each in a folder of its own.
        numbers: CSV file to write: change, letter, chamfer, earth_mover; change "oracle" is
            another draw of the letter.
    """
    clouds, (learned, held_out) = letter_clouds(POINTS, seed), split_letters()
    sources = CloudSources(CloudSource(clouds, learned), CloudSource(clouds, held_out))
    lines = []
    fields = list(changed_settings(settings, epochs))
    for number, (name, changed) in enumerate(reported(fields, len(fields), "fields")):
        trained = learn_letters(changed, sources, seed, checkpoints, folder / str(number))
        for place, letter in enumerate(held_out):
            truth, again = (sources.validation.measured(place, MEASURED, i) for i in (0, 1))
            code = trained.encode(clouds[letter])
            found = dict(_sampled(trained, name, code, letter))
            if name == USUAL:
                found["oracle"] = again
            for row, cloud in found.items():
                pair = chamfer_of_plane(cloud, truth), earth_mover_distance(cloud, truth)
                lines.append((row, letter, *pair))
    table = pd.DataFrame(lines, columns=["change", "letter", "chamfer", "earth_mover"])
    with whole(numbers) as file:
        table.to_csv(file, index=False)


def changed_settings(settings: GradientFields, epochs: int) -> Iterator[tuple[str, GradientFields]]:
    """The settings of each field by its name: other trainings, then other decoders."""
    training = settings.training.model_copy(update={"epochs": epochs})
    for name, changes in TRAININGS.items():
        yield name, settings.model_copy(update={"training": training.model_copy(update=changes)})
    for name, changes in DECODERS.items():
        given = {**settings.denoiser.model_dump(), "conditioning": "batch_norm", **changes}
        denoiser = PointDenoiser.model_validate(given)
        yield name, settings.model_copy(update={"training": training, "denoiser": denoiser})


def _sampled(
    trained: GradientFieldGenerator, name: str, code: Tensor, letter: str
) -> Iterator[tuple[str, Any]]:
    """Clouds of a letter by what they are called: of the usual field from other starts, too."""
    level = TRAININGS.get(name, {}).get("least_noise")
    if level is not None:
        yield name, _at_one_level(trained, code, level, letter)
        return
    yield name, trained.cloud(code, MEASURED, letter)
    if name == USUAL:
        for label, start in STARTS.items():
            sampler = trained.sampler.model_copy(update={"start": start})
            yield label, replace(trained, sampler=sampler).cloud(code, MEASURED, letter)


def _at_one_level(trained: GradientFieldGenerator, code: Tensor, level: float, key: str) -> Any:
    """Langevin dynamics at one level: all that such a field can do."""
    random = random_source("one level", key)
    form = (1, MEASURED, 2)
    moved = langevin(
        trained.denoiser_of(code), start_points(trained.sampler, form, random), [level],
        STEPS, 2 * level**2, lambda: torch.randn(form, generator=random),
    )  # fmt: skip
    return moved[0].numpy()
