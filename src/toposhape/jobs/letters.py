"""ShapeGF in the plane: a field of the outlines of letters, beside the exact one."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from toposhape.base.files import whole
from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.generators.gradient_fields.exact import exact_denoiser
from toposhape.generators.gradient_fields.generator import GradientFieldGenerator, load_generator
from toposhape.generators.gradient_fields.prior_training import train_code_prior
from toposhape.generators.gradient_fields.samplers import Denoise
from toposhape.generators.gradient_fields.training import train_gradient_field
from toposhape.settings.gradient_fields import GradientFields
from toposhape.shapes.letters import letter_clouds, split_letters

from .cloud_trajectories import trajectory

POINTS = 2400  # of a letter: 1,600 to learn from, 800 to measure by
MEASURED = 400
SHOWN = ("A", "B", "N", "S")  # drawn with their fields, in the style in which they are held out
LEVELS = (0.3, 0.1, 0.03)
LATTICE = 22  # arrows along an edge
TRAJECTORY = 300


def run_letters(
    settings: GradientFields,
    epochs: int,
    seed: int,
    checkpoints: Path,
    folder: Path,
    numbers: Path,
    pictures: Path,
) -> None:
    """Learn the letters' field, sample those held out, and write numbers and pictures.

    Args:
        settings: of the family; epochs aside.
        epochs: of the training.
        seed: of everything.
        checkpoints: folder of both trainings.
        folder: where the generator is written.
        numbers: CSV file to write: letter, sampled and oracle, squared distances as Chamfer's.
        pictures: npz file to write, arrays by name.
    """
    clouds, (learned, held_out) = letter_clouds(POINTS, seed), split_letters()
    sources = CloudSources(CloudSource(clouds, learned), CloudSource(clouds, held_out))
    training = settings.training.model_copy(update={"epochs": epochs})
    of_letters = settings.model_copy(update={"training": training})
    trained = learn_letters(of_letters, sources, seed, checkpoints, folder)
    with whole(numbers) as file:
        _measured(trained, sources.validation, clouds).to_csv(file, index=False)
    drawn = _drawn(trained, clouds, held_out)
    with whole(pictures) as file, file.open("wb") as stream:
        np.savez(stream, **drawn)


def learn_letters(
    settings: GradientFields, sources: CloudSources, seed: int, checkpoints: Path, folder: Path
) -> GradientFieldGenerator:
    """Train a field of letters and the simplest prior, which nothing here draws from.

    Args:
        settings: of the family.
        sources: letters to learn from, letters to watch.
        seed: of everything.
        checkpoints: folder of both trainings.
        folder: where they are written.
    """
    common: dict[str, Any] = {"seed": (seed, 2), "checkpoints": checkpoints}
    train_gradient_field(
        sources, settings.encoder, settings.denoiser, settings.training, **common,
        weights=folder / "field.safetensors", metadata=folder / "field.json",
        history=folder / "field_history.csv", title="letters",
    )  # fmt: skip
    weights = folder / "generator.safetensors"
    train_code_prior(
        folder / "field.safetensors", sources, "gaussian", settings, **common,
        weights=weights, metadata=folder / "generator.json", history=folder / "history.csv",
    )  # fmt: skip
    sampling = {"sampler": settings.sampler.model_dump(), "surface": settings.surface.model_dump()}
    return load_generator(weights, sampling=sampling)


def chamfer_of_plane(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Mean squared distances to the nearest point, both ways summed, of points (n, 2)."""
    there, back = cKDTree(b).query(a)[0], cKDTree(a).query(b)[0]
    return float((there**2).mean() + (back**2).mean())


def _measured(
    trained: GradientFieldGenerator, letters: CloudSource, clouds: dict[str, NDArray[np.float32]]
) -> pd.DataFrame:
    """How near sampled letters come to those held out, beside another draw of their own."""
    lines = []
    for place, name in enumerate(letters.shapes):
        truth, again = (letters.measured(place, MEASURED, which) for which in (0, 1))
        sampled = trained.cloud(trained.encode(clouds[name]), MEASURED, name)
        lines.append((name, chamfer_of_plane(sampled, truth), chamfer_of_plane(again, truth)))
    return pd.DataFrame(lines, columns=["letter", "sampled", "oracle"])


def _drawn(
    trained: GradientFieldGenerator, clouds: dict[str, NDArray[np.float32]], held_out: list[str]
) -> dict[str, Any]:
    """Of some letters: cloud, exact and learned displacements on a lattice, a trajectory."""
    axis = np.linspace(-1.2, 1.2, LATTICE)
    lattice = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2).astype(np.float32)
    found: dict[str, Any] = {"lattice": lattice}
    for name in _shown(held_out):
        learned = trained.denoiser_of(trained.encode(clouds[name]))
        exact = exact_denoiser(torch.from_numpy(clouds[name]))
        found[f"{name}|cloud"] = clouds[name][:MEASURED]
        for level in LEVELS:
            for kind, denoise in (("exact", exact), ("learned", learned)):
                found[f"{name}|{kind} {level}"] = _displaced(denoise, lattice, level)
        steps = trajectory(learned, (TRAJECTORY, 2), trained.sampler)
        found |= {f"{name}|step {level}": points for level, points in steps.items()}
    return found


def _displaced(denoise: Denoise, lattice: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    points = torch.from_numpy(lattice)[None]
    return (denoise(points, level) - points)[0].numpy()


def _shown(held_out: list[str]) -> list[str]:
    """A name for each letter of SHOWN that is held out in some style, else the first ones."""
    found = [name for name in held_out if name[0] in SHOWN]
    return (found or held_out)[:3]
