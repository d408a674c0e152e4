"""Whether a diagram generator is alive, and how near its diagrams are to given ones."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from toposhape.topology import StoredDiagram, diagram_distances, distribution_distance

from .network import DiagramGenerator, generated_diagrams
from .store import Diagrams

PROBES = 64  # synthetic codes that are looked at
NOTICEABLE = 0.1  # mean number of points of a degree below which nobody misses it

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


def check_alive(statistics: dict[str, float], advice: str) -> None:
    """Stop a generator that makes no points where training shapes have some.

    Raises:
        DeadGeneratorError: naming the degree.
    """
    for degree in range(3):
        truth = statistics[f"true_points_h{degree}"]
        if truth >= NOTICEABLE and statistics[f"points_h{degree}"] == 0:
            raise DeadGeneratorError(
                f"the diagram generator makes no point of degree {degree}, training shapes have "
                f"{truth:.2f} on average: all its points lie on the diagonal, where they get no "
                f"gradient. {advice}"
            )


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
