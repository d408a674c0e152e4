"""Consistency of shapes with generated diagrams, equation (8), by critical vertices alone.

The field is evaluated on the grid without gradient, its diagram is taken and matched with the
target, and the network is evaluated again, with gradient, only where the diagram's points are born
and die (reading 11).
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.settings.joint import JointTraining
from toposhape.settings.topology import Topology
from toposhape.topology import (
    Diagram,
    critical_values,
    diagram_distance,
    matched_diagram_cost,
    superlevel_diagrams,
)

from ..implicit.decoder import ImplicitDecoder
from ..implicit.fields import TRAINING_TOLERANCE, fast_dtype, fields_on_grid
from .anchor import near_surface


class FieldDiagrams(NamedTuple):
    """Diagrams of synthetic shapes, and what they cost.

    Attributes:
        codes: (B, d).
        diagrams: B diagrams with their critical vertices, of g = -f (or f: `topology.side`).
        seconds: of the grids' evaluation, and until the last diagram was there after it.
        near_surface: for each shape flat indices of the vertices near its surface, for the anchor.
    """

    codes: Tensor
    diagrams: list[Diagram]
    seconds: tuple[float, float]
    near_surface: Sequence[NDArray[np.int64]] = ()


def field_diagrams(
    decoder: ImplicitDecoder, codes: Tensor, settings: JointTraining, topology: Topology
) -> FieldDiagrams:
    """Diagrams of the shapes with codes (B, d) on the grid of joint training.

    While a field is evaluated, the diagrams of those before are computed in other threads, if
    torch may use several or works on a GPU. Neither depends on the other, so nothing changes.
    """
    begin = time.perf_counter()
    diagrams_of = partial(
        superlevel_diagrams,
        complex=topology.complex,
        engine=topology.engine,
        min_persistence=settings.min_persistence,
        threads=1,
    )
    fields = fields_on_grid(
        decoder,
        codes,
        settings.resolution,
        tolerance=TRAINING_TOLERANCE,
        dtype=fast_dtype(codes.device),
    )
    threads = torch.get_num_threads()
    if threads == 1 and codes.device.type == "cpu":
        fields = list(fields)
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(
            lambda field: (diagrams_of(_sign(topology) * field[None])[0], near_surface(field)),
            fields,
        )
        middle = time.perf_counter()  # all fields are there now
        diagrams, near = map(list, zip(*found, strict=True))
    seconds = middle - begin, time.perf_counter() - middle
    return FieldDiagrams(codes, diagrams, seconds, near)


def consistency_loss(
    decoder: ImplicitDecoder,
    found: FieldDiagrams,
    targets: Sequence[Sequence[NDArray[np.floating]]],
    settings: JointTraining,
    topology: Topology,
) -> Tensor:
    """Equation (1) between the fields' diagrams and their targets, with the network's gradient.

    Args:
        decoder: f.
        found: from `field_diagrams`, with the same decoder.
        targets: for each of B shapes the (m_k, 2) points of every degree.
        settings: the grid.
        topology: which side is filtered.

    Returns:
        Sum over degrees, mean over shapes.
    """
    sign, grid = _sign(topology), (settings.resolution,) * 3
    total = found.codes.new_zeros(())
    for code, diagram, target in zip(found.codes, found.diagrams, targets, strict=True):
        values = critical_values(
            lambda x, z=code: sign * decoder(x[None], z[None])[0],
            diagram.vertices,
            grid,
            device=code.device,
        )
        for points, goal in zip(values, target, strict=True):
            goals = torch.as_tensor(np.asarray(goal), dtype=points.dtype, device=points.device)
            matching = _matching(points, np.asarray(goal))
            total = total + matched_diagram_cost(points, goals, matching)
    return total / len(found.codes)


def _matching(points: Tensor, goal: NDArray[np.floating]) -> NDArray[np.int64]:
    """The optimal matching; a point that exact values put below the diagonal is put on it."""
    values = points.detach().cpu().numpy()
    values = np.stack([values[:, 0], values.max(axis=1)], axis=1)
    return diagram_distance(values, goal, return_matching=True)[1]


def _sign(topology: Topology) -> float:
    return -1.0 if topology.side == "interior" else 1.0
