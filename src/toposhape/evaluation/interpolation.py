"""Ways between shapes: which two, through which codes, and what a generator makes of them."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toposhape.generators.contract import Generator, fields_of
from toposhape.settings.topology import Topology
from toposhape.topology import diagram_distances
from toposhape.topology.distances.wasserstein import HasPoints

from .describe import describe_fields
from .synthesis import SyntheticShape, synthesise

NEARLY_PARALLEL = 1e-4  # radians: below, the way is straight, where the formula divides by zero


def choose_ends(
    diagrams: Sequence[HasPoints], count_pieces: Callable[[int], Sequence[int]]
) -> tuple[int, int]:
    """Choose the two shapes between which interpolation has the longest way to go.

    Among shapes that are one piece in every rendering, the two whose diagrams are farthest apart
    (equation 1): what falls apart on the way was whole at both ends. Where fewer than two shapes
    are so, those with the fewest pieces take their place.

    Args:
        diagrams: true diagrams of n shapes.
        count_pieces: connected pieces of shape i in several renderings of it, such as the true one
            and those of several generators; a shape without any counts as broken. It is asked for
            as few shapes as the choice needs.

    Returns:
        Indices of source and target; the source has the smaller index.

    Raises:
        ValueError: if there are fewer than two shapes.
    """
    n = len(diagrams)
    if n < 2:
        raise ValueError(f"interpolation needs two shapes, there are {n}")
    sources, targets = np.triu_indices(n, 1)
    far_first = np.argsort(-diagram_distances(diagrams)[sources, targets], kind="stable")
    pairs = list(zip(sources[far_first].tolist(), targets[far_first].tolist(), strict=True))

    @cache
    def flaws(shape: int) -> int:
        return max(abs(pieces - 1) for pieces in count_pieces(shape))

    for source, target in pairs:
        if flaws(source) == 0 and flaws(target) == 0:
            return source, target
    allowed = sorted(map(flaws, range(n)))[1]
    return next((a, b) for a, b in pairs if flaws(a) <= allowed and flaws(b) <= allowed)


def codes_between(source: ArrayLike, target: ArrayLike, steps: int) -> NDArray[np.float32]:
    """Codes at equal steps on the straight line, both ends included: (steps, d)."""
    share = np.linspace(0, 1, steps)[:, None]
    codes: NDArray[np.float32] = (
        (1 - share) * np.asarray(source) + share * np.asarray(target)
    ).astype(np.float32)
    return codes


def codes_on_arc(first: ArrayLike, last: ArrayLike, count: int) -> NDArray[np.float32]:
    """Codes along the great arc from one code to another, both included.

    Codes of dimension d drawn from N(0, I) lie near the sphere of radius sqrt(d), inside of which
    a generator has learnt nothing; a straight line would lead through there.

    Args:
        first: (d,).
        last: (d,).
        count: how many codes, at least 2.

    Returns:
        (count, d) float32.

    Raises:
        ValueError: for codes that have no direction, point in opposite ones, or differ in length,
            or fewer than two codes.

    Source: White, Sampling generative networks, 2016 (spherical linear interpolation).
    """
    a, b = np.asarray(first, float), np.asarray(last, float)
    if a.shape != b.shape or a.ndim != 1 or count < 2:
        raise ValueError(f"cannot walk from {a.shape} to {b.shape} in {count} codes; give two (d,)")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    if lengths == 0 or not np.isfinite(lengths):
        raise ValueError("a code is zero or not finite: it has no direction to start from")
    angle = np.arccos(np.clip(a @ b / lengths, -1, 1))
    share = np.linspace(0, 1, count)[:, None]
    if angle < NEARLY_PARALLEL:
        near: NDArray[np.float32] = ((1 - share) * a + share * b).astype(np.float32)
        return near
    if np.pi - angle < NEARLY_PARALLEL:
        raise ValueError("the codes are opposite to each other: every way round is as short")
    arc = np.sin((1 - share) * angle) * a + np.sin(share * angle) * b
    codes: NDArray[np.float32] = (arc / np.sin(angle)).astype(np.float32)
    return codes


def shapes_of_codes(
    generator: Generator,
    codes: NDArray[np.float32],
    resolution: int,
    topology: Topology,
    threads: int | None = None,
) -> Iterator[SyntheticShape]:
    """Meshes and diagrams of codes (n, d) on the grid; one point of each surface, to no use."""
    return synthesise(generator, codes, resolution, topology, points=1, seed=0, threads=threads)


def pieces_of_code(
    generator: Generator, code: NDArray[np.float32], resolution: int, topology: Topology
) -> int:
    """Connected pieces of the solid that a generator makes of a code (d,)."""
    (field,) = fields_of(generator.shapes(code[None], resolution))
    return describe_fields(field[None], topology)[0].betti[0]
