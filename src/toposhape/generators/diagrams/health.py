"""Whether a diagram generator is alive, and how near its diagrams are to given ones."""

import sys
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from toposhape.topology import StoredDiagram, diagram_distances, distribution_distance

from .network import DiagramGenerator, generated_diagrams
from .store import Diagrams

PROBES = 64  # synthetic codes that are looked at
NEEDED = 0.5  # share of training shapes with a degree above which no generator goes without it

STATISTICS = tuple(
    f"{what}_h{degree}" for what in ("points", "true_points", "dead_share") for degree in range(3)
)


class DeadGeneratorError(RuntimeError):
    """A degree's points have all fallen on the diagonal; the message says what to change."""


def probe_codes(latent_size: int, generator: torch.Generator) -> Tensor:
    """Codes z ~ N(0, I) to look at a generator with: (PROBES, d)."""
    return torch.randn(PROBES, latent_size, generator=generator)


@torch.no_grad()
def diagram_statistics(
    generator: DiagramGenerator, codes: Tensor, truth: Diagrams, min_persistence: float
) -> dict[str, float]:
    """What the generator makes of codes, degree by degree.

    Args:
        generator: PD.
        codes: (B, d).
        truth: diagrams of the training shapes.
        min_persistence: points with birth - death below this do not count.

    Returns:
        For each degree the mean number of points of a generated and of a true diagram, and the
        share of the generator's points that are on the diagonal for all the codes.
    """
    values = {}
    for degree, points in enumerate(generator(codes)):
        alive = (points[..., 1] - points[..., 0]) >= max(min_persistence, 1e-12)
        values[f"points_h{degree}"] = float(alive.sum(dim=1).double().mean())
        values[f"true_points_h{degree}"] = float(np.mean([len(d[degree]) for d in truth]))
        dead = ~alive.any(dim=0)
        values[f"dead_share_h{degree}"] = float(dead.double().mean()) if len(dead) else 0.0
    return values


def dead_degrees(statistics: dict[str, float], truth: Diagrams, advice: str) -> list[int]:
    """The degrees of which a generator makes no point, although some training shapes have one.

    Each is told on stderr. Few shapes with a cavity are no reason to stop a run; but a degree that
    most shapes have must not be missing.

    Args:
        statistics: as `diagram_statistics` has them.
        truth: diagrams of the training shapes.
        advice: what helps.

    Raises:
        DeadGeneratorError: for a degree that more than `NEEDED` of the training shapes have.
    """
    dead = []
    for degree in range(3):
        having = sum(len(diagram[degree]) > 0 for diagram in truth)
        if not having or statistics[f"points_h{degree}"] > 0:
            continue
        found = (
            f"the diagram generator makes no point of degree {degree}, {having} of {len(truth)} "
            "training shapes have some: all its points lie on the diagonal, where they get no "
            "gradient"
        )
        if having > NEEDED * len(truth):
            raise DeadGeneratorError(f"{found}. {advice}")
        sys.stderr.write(f"warning: {found}. Training goes on without that degree.\n")
        dead.append(degree)
    return dead


def generated_distance(
    generator: DiagramGenerator, codes: Tensor, truth: Diagrams, min_persistence: float
) -> float:
    """PD-LAP, equation (2), between generated diagrams and equally many given ones.

    Args:
        generator: PD.
        codes: (B, d).
        truth: B diagrams.
        min_persistence: of generated points.
    """
    made = _stored(generated_diagrams(generator, codes, min_persistence))
    return distribution_distance(diagram_distances(_stored(truth), made, threads=1))


def _stored(diagrams: Sequence[Sequence[np.ndarray]]) -> list[StoredDiagram]:
    return [StoredDiagram(tuple(points)) for points in diagrams]
