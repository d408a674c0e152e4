"""Diagrams of synthetic shapes, with gradient at their critical vertices alone.

The field is evaluated on the grid without gradient and its diagram is taken; the network is
evaluated again, with gradient, only where the diagram's points are born and die (reading 11).
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.settings.joint import JointTraining
from toposhape.settings.topology import Topology
from toposhape.topology import Diagram, critical_values, superlevel_diagrams

from ..implicit.decoder import ImplicitDecoder
from ..implicit.fields import TRAINING_TOLERANCE, fast_dtype, fields_on_grid


class FieldDiagrams(NamedTuple):
    """Diagrams of synthetic shapes, and what they cost.

    Attributes:
        codes: (B, d).
        diagrams: B diagrams with their critical vertices, of g = -f (or f: `topology.side`).
        seconds: of the grids' evaluation, and until the last diagram was there after it.
        fields: of each shape (R, R, R) float32, f itself; () once nobody needs them.
    """

    codes: Tensor
    diagrams: list[Diagram]
    seconds: tuple[float, float]
    fields: Sequence[NDArray[np.float32]] = ()


def field_diagrams(
    decoder: ImplicitDecoder, codes: Tensor, settings: JointTraining, topology: Topology
) -> FieldDiagrams:
    """Diagrams of the shapes with codes (B, d) on the grid of joint training.

    While a field is evaluated, the diagrams of those before are computed in other threads, if
    torch may use several or works on a GPU. Neither depends on the other, so nothing changes.
    """
    begin = time.perf_counter()

    def diagram_of(field: NDArray[np.float32]) -> Diagram:
        (diagram,) = superlevel_diagrams(
            [_sign(topology) * field],
            complex=topology.complex,
            engine=topology.engine,
            min_persistence=topology.min_persistence,
            threads=1,
        )
        return diagram

    fields: Iterable[NDArray[np.float32]] = fields_on_grid(
        decoder,
        codes,
        settings.grid,
        tolerance=TRAINING_TOLERANCE,
        dtype=fast_dtype(codes.device),
    )
    threads = torch.get_num_threads()
    if threads == 1 and codes.device.type == "cpu":
        fields = list(fields)
    with ThreadPoolExecutor(threads) as pool:
        running = [(field, pool.submit(diagram_of, field)) for field in fields]
        middle = time.perf_counter()  # all fields are there now
        diagrams = [each.result() for _, each in running]
    seconds = middle - begin, time.perf_counter() - middle
    return FieldDiagrams(codes, diagrams, seconds, [field for field, _ in running])


def critical_points(
    decoder: ImplicitDecoder, found: FieldDiagrams, settings: JointTraining, topology: Topology
) -> list[tuple[Tensor, ...]]:
    """The points of the fields' diagrams, with the network's gradient.

    Args:
        decoder: f.
        found: from `field_diagrams`, with the same decoder.
        settings: the grid.
        topology: which side is filtered.

    Returns:
        For each shape the (n_k, 2) points (death, birth) of every degree.
    """
    sign, grid = _sign(topology), (settings.grid,) * 3

    def points_of(code: Tensor, diagram: Diagram) -> tuple[Tensor, ...]:
        def filtered(x: Tensor) -> Tensor:
            values: Tensor = sign * decoder(x[None], code[None])[0]
            return values

        return critical_values(filtered, diagram.vertices, grid, device=code.device)

    return list(map(points_of, found.codes, found.diagrams))


def values_at(
    decoder: ImplicitDecoder,
    code: Tensor,
    places: Sequence[NDArray[np.floating]],
    topology: Topology,
) -> tuple[Tensor, ...]:
    """The filtered function of one code (d,) at places (m_k, 2, 3), as (m_k, 2), with gradient."""
    points = [torch.as_tensor(each.reshape(-1, 3)).to(code) for each in places]
    values = _sign(topology) * decoder(torch.cat(points)[None], code[None])[0]
    return tuple(part.view(-1, 2) for part in values.split([len(each) for each in points]))


def _sign(topology: Topology) -> float:
    return -1.0 if topology.side == "interior" else 1.0
