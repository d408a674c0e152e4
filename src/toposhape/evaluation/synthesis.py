"""From latent codes to fields, diagrams, meshes and points on the surface."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toposhape.config import Topology
from toposhape.generators import VariationalCodes
from toposhape.shapes.surfaces import extract_surface, surface_points

from .diagrams import FieldTopology, describe_fields

FIELDS_AT_A_TIME = 8


@dataclass(frozen=True)
class SyntheticShape:
    """A generated shape in the shape frame.

    Attributes:
        topology: diagram and Betti numbers of its field.
        vertices: (V, 3) float32 vertices of the zero level set.
        faces: (F, 3) int64.
        surface: (P, 3) float32 points, uniform by area on the zero level set; all at the origin
            if there is no surface, so that an empty shape costs what its distance costs.
    """

    topology: FieldTopology
    vertices: NDArray[np.float32]
    faces: NDArray[np.int64]
    surface: NDArray[np.float32]

    @property
    def is_empty(self) -> bool:
        """Whether the field has no zero level set."""
        return len(self.faces) == 0


def draw_codes(draws: int, shapes: int, latent_size: int, seed: int) -> NDArray[np.float32]:
    """Draw z ~ N(0, I): (draws, shapes, latent_size), the same for every method of that seed."""
    random = np.random.default_rng([seed, 0x5A])
    return random.standard_normal((draws, shapes, latent_size), dtype=np.float32)


def posterior_codes(
    codes: VariationalCodes, noise: NDArray[np.float32], seed: int
) -> NDArray[np.float32]:
    """Draw codes from the aggregate posterior: a training shape at random, then its Gaussian.

    Args:
        codes: posteriors of the training shapes.
        noise: (..., d) standard normal numbers.
        seed: of the choice of shapes.
    """
    means = codes.means.detach().cpu().numpy()
    deviations = (0.5 * codes.log_variances).exp().detach().cpu().numpy()
    chosen = np.random.default_rng([seed, 0x90]).integers(len(means), size=noise.shape[:-1])
    return (means[chosen] + deviations[chosen] * noise).astype(np.float32)


def synthesise(
    field_of: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    codes: NDArray[np.float32],
    topology: Topology,
    *,
    points: int,
    seed: int,
    threads: int | None = None,
) -> Iterator[SyntheticShape]:
    """Generate shapes one after the other, a few fields at a time.

    Args:
        field_of: codes (b, d) -> signed distance (b, R, R, R).
        codes: (n, d).
        topology: how diagrams are made.
        points: surface points of each shape.
        seed: of the surface points; shape i uses seed + i.
        threads: for diagrams.
    """
    for first in range(0, len(codes), FIELDS_AT_A_TIME):
        fields = field_of(codes[first : first + FIELDS_AT_A_TIME])
        described = describe_fields(fields, topology, threads)
        for i, (field, of_field) in enumerate(zip(fields, described, strict=True)):
            vertices, faces = extract_surface(field)
            surface = surface_points(vertices, faces, points, seed + first + i)
            yield SyntheticShape(of_field, vertices, faces, surface)
