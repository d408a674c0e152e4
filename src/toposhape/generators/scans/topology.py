"""A prescribed topology: where f must change sign so that its solid has the wanted Betti numbers.

The diagram of -f on a grid, taken without gradient, names the classes that are alive at the level
0. Surplus ones are ended at that of their two critical vertices which is nearer to the level,
missing ones are started where they come nearest to being alive; f is then pulled at these vertices
alone. A surplus piece that holds points of the scan is joined to another, never deleted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.implicit.fields import evaluate_on_grid
from toposhape.shapes.mesh_topology import Betti
from toposhape.topology import LevelSetPersistence

from .network import no_code

RESOLUTION = 48
"""Of the grid: a finer one costs more than the steps themselves."""
FARTHEST = 0.25
"""A missing class is not looked for where f would have to change by more."""


class Corrections(NamedTuple):
    """Where f must have which sign.

    Attributes:
        points: (k, 3), vertices of the grid.
        signs: (k,): -1 inside, 1 outside.
    """

    points: Tensor
    signs: Tensor


class PrescribedTopology:
    """The wanted Betti numbers of a scan's solid."""

    def __init__(self, points: NDArray[np.float32], betti: Betti) -> None:
        """Take the scan's points (n, 3) and the wanted pieces, handles and cavities."""
        self.betti = betti
        self._tree = cKDTree(points)
        self._persistence = LevelSetPersistence(3, essential="range")
        self._axis = np.linspace(-1, 1, RESOLUTION)

    def corrections(self, network: ImplicitDecoder) -> Corrections:
        """What must change for the wanted numbers; nothing if they are there."""
        field = evaluate_on_grid(network, torch.zeros(1, 1), RESOLUTION)[0]
        found = self.of_field(field)
        return Corrections(*(each.to(next(network.parameters()).device) for each in found))

    def of_field(self, field: NDArray[np.float32]) -> Corrections:
        """The same of the values of f on the grid of [-1, 1]^3, (R, R, R), negative inside."""
        diagrams = self._persistence(torch.from_numpy(-field))
        found: list[tuple[int, int]] = []
        for degree, wanted in enumerate(self.betti):
            chosen = diagrams.of_degree(degree)
            found += self._of_degree(degree, wanted, chosen.points.numpy(), chosen.cells.numpy())
        vertices = np.array([vertex for vertex, _ in found], np.int64)
        places = np.unravel_index(vertices, (RESOLUTION,) * 3)
        points = np.stack([self._axis[place] for place in places], axis=1).astype(np.float32)
        signs = torch.tensor([sign for _, sign in found], dtype=torch.float32)
        return Corrections(torch.from_numpy(points), signs)

    def _of_degree(
        self, degree: int, wanted: int, points: NDArray[np.floating], cells: NDArray[np.int64]
    ) -> Iterator[tuple[int, int]]:
        """Vertices and the wanted signs of f there; points are (death, birth) of -f."""
        death, birth = points[:, 0], points[:, 1]
        alive = (birth > 0) & (death <= 0)
        surplus = int(alive.sum()) - wanted
        if surplus > 0:
            end_early, end_late = birth, -death  # outside at the birth, or inside at the death
            cost = np.where(alive, np.minimum(end_early, end_late), np.inf)
            for row in np.argsort(cost)[:surplus]:
                early = end_early[row] < end_late[row]
                if degree == 0:
                    early = not self._holds_data(cells[row, 1], birth[row])
                yield (int(cells[row, 1]), 1) if early else (int(cells[row, 0]), -1)
        elif surplus < 0:
            cost = np.maximum(-birth, 0) + np.maximum(death, 0)
            cost = np.where(alive, np.inf, cost)
            for row in np.argsort(cost)[:-surplus]:
                if cost[row] > FARTHEST:
                    return
                if birth[row] <= 0:
                    yield int(cells[row, 1]), -1
                if death[row] > 0:
                    yield int(cells[row, 0]), 1

    def _holds_data(self, vertex: int, depth: float) -> bool:
        """Whether the scan has points about as far from a piece's deepest vertex as its surface."""
        place = [self._axis[i] for i in np.unravel_index(vertex, (RESOLUTION,) * 3)]
        spacing = self._axis[1] - self._axis[0]
        return bool(self._tree.query(place)[0] < 2 * depth + spacing)


def no_corrections(device: torch.device) -> Corrections:
    """Where nothing is wrong."""
    return Corrections(torch.zeros(0, 3, device=device), torch.zeros(0, device=device))


def topological_term(network: ImplicitDecoder, corrections: Corrections) -> Tensor:
    """Mean of max(0, margin - sign f) at the vertices, the margin being half a spacing; or 0."""
    if len(corrections.signs) == 0:
        return corrections.signs.new_zeros(())
    points = corrections.points[None]
    values = network(points, no_code(points))[0]
    margin = 1 / (RESOLUTION - 1)
    return torch.relu(margin - corrections.signs * values).mean()
