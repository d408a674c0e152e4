"""Can gradients of the consistency (8) improve ShapeGF?

    OMP_NUM_THREADS=1 python benchmarks/cloud_gradients.py results/chairs

The outer sheet of a cloud is no function of the network that could be differentiated. But at a
critical vertex its value is, but for a sign and a shift, the distance to the nearest points of the
cloud, and each of these is a differentiable function of the code, through all levels of the sampler
with its noise held fixed. Two questions: does this gradient foresee what (8) does when a code moves
along it, and is a code better that goes down it than one that goes anywhere? Codes are those of the
Gaussian prior, PD(z) that of cloud_consistency.py. Writes docs/records/cloud_gradients.md.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from cloud_consistency import PredictedDiagrams, Truth
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from toposhape.evaluation.chamfer import chamfer_matrix
from toposhape.evaluation.describe import FieldTopology, describe_fields
from toposhape.evaluation.scores import diagram_costs
from toposhape.generators.gradient_fields.generator import GradientFieldGenerator, load_generator
from toposhape.generators.gradient_fields.samplers import noise_levels, start_points
from toposhape.generators.joint.consistency import consistency_loss
from toposhape.learning.seeds import random_source
from toposhape.settings.topology import Topology
from toposhape.shapes.neighbours import outliers
from toposhape.topology import critical_values
from toposhape.topology.tables import StoredDiagram

PAGE = Path(__file__).parent.parent / "docs" / "records" / "cloud_gradients.md"
METHOD = "ShapeGF-Gaussian"
RESOLUTION = 64
NEAREST = 4  # points of the cloud whose mean distance stands for the field at a critical vertex
COMPARED = 512  # points of a cloud in Chamfer distances
PROBES = (0.05, 0.2)  # deviations of codes along the gradient, forth and back
STEP = 0.15  # of descent, in deviations of codes


@dataclass(frozen=True)
class Made:
    """A shape that was made of a code: its cloud and what is known of its outer sheet."""

    code: Tensor
    cloud: NDArray[np.float32]
    field: NDArray[np.float32]
    topology: FieldTopology

    @property
    def points(self) -> StoredDiagram:
        """Its diagram, without vertices."""
        return StoredDiagram(tuple(self.topology.diagram.points))


class FixedSampler:
    """The ancestral sampler with its noise held fixed: clouds as functions of the code."""

    def __init__(self, generator: GradientFieldGenerator, key: int) -> None:
        """Draw start and noise of every level."""
        self.generator = generator
        random = random_source("gradients", key)
        form = (generator.surface.points, 3)
        self.levels = noise_levels(generator.sampler)
        self.start = start_points(generator.sampler, form, random)
        self.noise = torch.randn((len(self.levels) - 1, *form), generator=random)

    def points(self, code: Tensor, places: Tensor) -> Tensor:
        """The points at these places of the cloud, (n, 3), with gradient."""
        denoiser = self.generator.first.network.denoiser
        points, noise = self.start[places], self.noise[:, places]

        def denoise(at: Tensor, level: float) -> Tensor:
            return denoiser(at[None], code[None], torch.full((1, len(at)), level))[0]

        for i, (level, following) in enumerate(pairwise(self.levels)):
            kept = (following / level) ** 2
            denoised = denoise(points, level)
            points = denoised + kept * (points - denoised)
            points = points + (1 - kept) ** 0.5 * following * noise[i]
        return denoise(points, self.levels[-1])

    @torch.no_grad()
    def make(self, code: Tensor) -> Made:
        """Cloud, outer sheet, diagram."""
        places = torch.arange(len(self.start)).split(1024)
        cloud = torch.cat([self.points(code, each) for each in places]).numpy()
        field = self.generator.sheet(cloud, RESOLUTION)
        return Made(code, cloud, field, describe_fields(field[None], Topology(), 1)[0])

    def critical_points(self, made: Made) -> tuple[Tensor, ...]:
        """The points of a shape's diagram, with gradient for the code."""
        factor = self.generator.surface.outlier_factor
        kept = np.flatnonzero(~outliers(made.cloud.astype(np.float64), factor))
        tree, values = cKDTree(made.cloud[kept]), torch.from_numpy(made.field.ravel())

        def filtered(at: Tensor) -> Tensor:
            index = ((at + 1) * (RESOLUTION - 1) / 2).round().long()
            flat = (index[:, 0] * RESOLUTION + index[:, 1]) * RESOLUTION + index[:, 2]
            near = torch.from_numpy(kept[tree.query(at.numpy(), k=NEAREST)[1]])
            used, where = near.unique(return_inverse=True)
            moved = self.points(made.code, used)[where]
            distance = (moved - at[:, None]).norm(dim=2).mean(dim=1)
            sign = values[flat].sign()
            return -(values[flat] + sign * (distance - distance.detach()))

        return critical_values(filtered, made.topology.diagram.vertices, (RESOLUTION,) * 3)


@dataclass(frozen=True)
class Consistency:
    """Equation (8) of shapes of one generator."""

    truth: Truth
    predicted: PredictedDiagrams

    def of(self, made: Made) -> float:
        """Its value for a shape."""
        return float(diagram_costs(self.predicted.of(made.code[None]), [made.points]).sum())

    def down(self, sampler: FixedSampler, made: Made) -> tuple[Tensor, float]:
        """Direction (d,) of steepest descent, a deviation long, and how (8) falls per deviation."""
        code = made.code.clone().requires_grad_()
        (target,) = self.predicted.of(made.code[None])
        points = sampler.critical_points(replace(made, code=code))
        loss = consistency_loss([points], [target.points])
        (gradient,) = torch.autograd.grad(loss, code)
        direction = -gradient * self.predicted.deviation**2
        direction = direction / (direction / self.predicted.deviation).norm()
        return direction, -float(gradient @ direction)

    def scores(self, shapes: Sequence[Made]) -> dict[str, float]:
        """Means over shapes that no set of a certain size is needed for."""
        truth = self.truth
        costs = diagram_costs(truth.validation, [s.points for s in shapes]).sum(axis=0)
        watched = [truth.watched.measured(i, COMPARED) for i in range(len(truth.watched))]
        chamfer = chamfer_matrix(watched, [s.cloud[:COMPARED] for s in shapes])
        return {
            "(8) x 100": 100 * float(np.mean([self.of(s) for s in shapes])),
            "nearest validation diagram x 100": 100 * float(costs.min(axis=0).mean()),
            "one piece, %": 100 * float(np.mean([s.topology.betti[0] == 1 for s in shapes])),
            "nearest validation cloud, CD x 1000": 1000 * float(chamfer.min(axis=0).mean()),
        }


def descend(
    consistency: Consistency, sampler: FixedSampler, made: Made, steps: int, follow: bool
) -> Made:
    """The best of so many steps from a code, down the gradient or anywhere (the control)."""
    best = here = made
    random = torch.Generator().manual_seed(0)
    for _ in range(steps):
        if follow:
            direction, _ = consistency.down(sampler, here)
        else:
            direction = torch.randn(made.code.shape, generator=random)
            direction = direction / direction.norm() * consistency.predicted.deviation
        here = sampler.make(here.code + STEP * direction)
        best = min(best, here, key=consistency.of)
    return best


def foreseen(
    consistency: Consistency, samplers: Sequence[FixedSampler], shapes: Sequence[Made]
) -> list[str]:
    """A table: how (8) falls per deviation, by the gradient and by differences."""
    lines = ["| code | by the gradient | " + " | ".join(f"over ± {p}" for p in PROBES) + " |"]
    lines.append("| --- |" + " ---: |" * (1 + len(PROBES)))
    for i, (sampler, made) in enumerate(zip(samplers, shapes, strict=True)):
        direction, slope = consistency.down(sampler, made)
        found = []
        for probe in PROBES:
            back, forth = (
                consistency_value(consistency, sampler, made, sign * probe * direction)
                for sign in (-1, 1)
            )
            found.append((back - forth) / (2 * probe))
        lines.append(f"| {i} | " + " | ".join(f"{100 * s:.2f}" for s in (slope, *found)) + " |")
    return [*lines, ""]


def consistency_value(
    consistency: Consistency, sampler: FixedSampler, made: Made, by: Tensor
) -> float:
    """Distance of a moved code's diagram to PD of the code where it was, as the gradient has it."""
    (target,) = consistency.predicted.of(made.code[None])
    return float(diagram_costs([target], [sampler.make(made.code + by).points]).sum())


def table(rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A Markdown table."""
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for label, scores in rows.items():
        lines.append(f"| {label} | " + " | ".join(f"{v:.2f}" for v in scores.values()) + " |")
    return [*lines, ""]


def main() -> None:
    """Measure both, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="of a run with the chapter point_clouds")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--codes", type=int, default=8)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    torch.set_num_threads(1)
    begin = time.process_time()
    place = Path("trained") / given.category / METHOD / "seed0"
    generator = load_generator(given.results / place / "generator.safetensors")
    generator.first.network.requires_grad_(False)
    truth = Truth.read(given.results / "shapes" / given.category)
    consistency = Consistency(truth, PredictedDiagrams(generator, truth))
    noise = torch.randn(
        (given.codes, generator.latent_size), generator=random_source("gradients of codes")
    )
    codes = generator.prior.codes(noise).detach()
    samplers = [FixedSampler(generator, i) for i in range(given.codes)]
    made = [sampler.make(code) for sampler, code in zip(samplers, codes, strict=True)]
    lines = ["## What the gradient foresees", ""]
    lines += ["Fall of (8) x 100 per deviation of codes, along the gradient's own direction.", ""]
    lines += foreseen(consistency, samplers, made)
    print(*lines, f"{time.process_time() - begin:.0f} s", sep="\n", flush=True)
    pairs = list(zip(samplers, made, strict=True))
    rows = {"before": made}
    for name, follow in (("down the gradient", True), ("anywhere", False)):
        rows[name] = [descend(consistency, *pair, given.steps, follow) for pair in pairs]
    lines += ["## Descent", ""]
    lines += [f"The best by (8) of a code and {given.steps} steps from it, {STEP} deviations each."]
    lines += ["", *table({name: consistency.scores(shapes) for name, shapes in rows.items()})]
    command = (
        f"OMP_NUM_THREADS=1 python benchmarks/cloud_gradients.py results/{given.results.name} "
        f"--codes {given.codes} --steps {given.steps}"
    )
    told = (
        f"Written by `{command}`: {given.codes} codes of {METHOD}, "
        f"{time.process_time() - begin:.0f} s of processor time."
    )
    heading = ["# Gradients of the consistency through ShapeGF", "", told, ""]
    print(*lines, sep="\n", flush=True)
    given.page.write_text("\n".join([*heading, *lines]).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
