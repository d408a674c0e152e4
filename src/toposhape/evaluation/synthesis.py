"""From latent codes to fields, diagrams, meshes and points on the surface."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toposhape.generators.contract import Generator, fields_of
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface, surface_points

from .describe import FIELDS_AT_A_TIME, FieldTopology, describe_fields

Field = NDArray[np.float32]


@dataclass(frozen=True)
class SyntheticShape:
    """A generated shape in the shape frame.

    Attributes:
        code: (d,) that it is made of.
        topology: what its field is like.
        vertices: (V, 3) float32 vertices of the zero level set.
        faces: (F, 3) int64.
        surface: (P, 3) float32 points, uniform by area on the zero level set; all at the origin
            if there is no surface, so that an empty shape costs what its distance costs.
    """

    code: NDArray[np.float32]
    topology: FieldTopology
    vertices: NDArray[np.float32]
    faces: NDArray[np.int64]
    surface: NDArray[np.float32]


def synthesise(
    generator: Generator,
    codes: NDArray[np.float32],
    resolution: int,
    topology: Topology,
    *,
    points: int,
    seed: int,
    mend: Callable[[Field], Field] | None = None,
    threads: int | None = None,
) -> Iterator[SyntheticShape]:
    """Generate shapes one after the other, a few fields at a time.

    Args:
        generator: of any family that makes fields.
        codes: (n, d).
        resolution: R of the fields.
        topology: how diagrams are made.
        points: surface points of each shape.
        seed: of the surface points; shape i uses seed + i.
        mend: what is done to each field (R, R, R) before anything is made of it.
        threads: for diagrams.
    """
    for first in range(0, len(codes), FIELDS_AT_A_TIME):
        made = generator.shapes(codes[first : first + FIELDS_AT_A_TIME], resolution)
        fields = np.stack([mend(field) if mend else field for field in fields_of(made)])
        described = describe_fields(fields, topology, threads)
        for i, (field, of_field) in enumerate(zip(fields, described, strict=True)):
            vertices, faces = extract_surface(field)
            surface = surface_points(vertices, faces, points, seed + first + i)
            yield SyntheticShape(codes[first + i], of_field, vertices, faces, surface)
