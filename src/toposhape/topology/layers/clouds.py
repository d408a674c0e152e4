"""Rips and alpha persistence of point clouds, as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from toposhape.base.threads import run_in_threads

from ..clouds.alpha import FLAT, alpha_cells, weak_alpha_cells
from ..clouds.rips import ENGINES, rips_cells
from .diagram_batch import DiagramBatch
from .spreading import SpreadInSpace

Clouds = Tensor | Sequence[Tensor]
GRADIENTS = ("points", "smooth", "interpolate")
MOST_POINTS = 50_000


class _CloudPersistence(nn.Module):
    """What both layers share: clouds in, diagrams out."""

    def __init__(self, degrees: int, gradient: str, radius: float, threads: int | None) -> None:
        super().__init__()
        if not 1 <= degrees <= 3:
            raise ValueError(f"degrees is how many degrees, from 0 on: 1 to 3, got {degrees!r}")
        if gradient not in GRADIENTS:
            raise ValueError(f"gradient must be one of {', '.join(GRADIENTS)}; got {gradient!r}")
        if not radius > 0:
            raise ValueError(f"radius must be a length > 0, got {radius!r}")
        self.degrees = degrees
        self.gradient = gradient
        self.radius = radius
        self.threads = threads

    def _cells(self, points: NDArray[np.float64]) -> list[NDArray[np.int64]]:
        """Return the critical simplices of one cloud, degree by degree."""
        raise NotImplementedError

    def _values(self, corners: Tensor) -> Tensor:
        """Return the values ``(N,)`` of simplices ``(N, k, d)`` of points."""
        raise NotImplementedError

    def forward(self, clouds: Clouds) -> DiagramBatch:
        """Compute the diagrams of one cloud, or of several.

        Args:
            clouds: ``(n, d)``, ``(B, n, d)``, or a list of B tensors ``(n_i, d)``; float32 or
                float64, any device.

        Returns:
            The diagrams; their points are (birth, death), ``cells`` ``(N, 2, k)`` the points of
            the cloud that these depend on.

        Raises:
            ValueError: for other shapes, or a coordinate that is not finite.
        """
        items = _checked(clouds)
        if self.gradient != "points":
            items = [
                SpreadInSpace.apply(item, self.radius, self.gradient == "interpolate")
                for item in items
            ]
        found: list[list[NDArray[np.int64]]] = [[]] * len(items)
        numbers = [item.detach().cpu().double().numpy() for item in items]

        def fill(i: int) -> None:
            found[i] = self._cells(numbers[i])

        run_in_threads(fill, len(items), self.threads)
        return self._gathered(items, found)

    def _gathered(self, items: list[Tensor], found: list[list[NDArray[np.int64]]]) -> DiagramBatch:
        """Look all simplices up in one operation."""
        first = items[0]
        sizes = np.array([[len(cells) for cells in own] for own in found])
        item = np.repeat(np.arange(len(items)), sizes.sum(axis=1))
        degree = np.repeat(np.tile(np.arange(self.degrees), len(items)), sizes.reshape(-1))
        cells = np.concatenate([cells for own in found for cells in own])
        starts = np.cumsum([0] + [len(cloud) for cloud in items[:-1]])
        flat = torch.from_numpy(cells + starts[item][:, None, None]).to(first.device)
        corners = torch.cat(items)[flat].reshape(-1, *flat.shape[2:], first.shape[1])
        diagrams = DiagramBatch(
            points=self._values(corners).reshape(-1, 2),
            item=torch.from_numpy(item).to(first.device),
            degree=torch.from_numpy(degree).to(first.device),
            cells=torch.from_numpy(cells).to(first.device),
            count=len(items),
            degrees=self.degrees,
        )
        return diagrams.chosen(diagrams.lengths().detach() > 0)  # some round to nothing in float32

    def extra_repr(self) -> str:
        """Show the options when the module is printed."""
        return f"degrees={self.degrees}, gradient={self.gradient!r}"


class RipsPersistence(_CloudPersistence):
    """Diagrams of the Vietoris-Rips filtration: simplices enter with their longest edge.

    Points are (birth, death) in units of length; a point's gradient goes to the ends of the two
    edges.  Of edges of equal length gudhi's order decides, the same one every time.  Points that
    coincide make bars of length zero, which are left out, and get no gradient from each other.

    Args:
        degrees: how many degrees, from 0 on: 1 to 3.
        longest: length of edge at which to stop; by default all is computed.
        gradient: where a point's gradient goes: ``"points"``: to the ends of its edges alone;
            ``"smooth"``: every point of the cloud moves as the ends around it do on average
            (Nadaraya-Watson); ``"interpolate"``: by a smooth field that moves the ends themselves
            as they should (kernel interpolation).
        radius: deviation of the Gaussian of these two, in units of the coordinates.
        threads: clouds at the same time; all cores by default.
        engine: what finds the edges: ``"gudhi"``, or ``"ripser"``, several times faster, which is
            to be installed first (``pip install toposhape[rips]``).

    Examples:
        >>> import torch
        >>> square = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]], requires_grad=True)
        >>> diagrams = RipsPersistence(degrees=2)(square)
        >>> diagrams.of_degree(1).points.detach().numpy().round(2)
        array([[1.  , 1.41]], dtype=float32)
        >>> diagrams.of_degree(1).lengths().sum().backward()
        >>> square.grad.abs().sum().item() > 0
        True
    """

    def __init__(
        self,
        degrees: int = 2,
        longest: float | None = None,
        gradient: Literal["points", "smooth", "interpolate"] = "points",
        radius: float = 0.1,
        threads: int | None = None,
        engine: Literal["gudhi", "ripser"] = "gudhi",
    ) -> None:
        super().__init__(degrees, gradient, radius, threads)
        if engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")
        self.longest = longest
        self.engine = engine

    def _cells(self, points: NDArray[np.float64]) -> list[NDArray[np.int64]]:
        return rips_cells(points, self.degrees, self.longest, self.engine)

    def _values(self, corners: Tensor) -> Tensor:
        return _lengths(corners)


class AlphaPersistence(_CloudPersistence):
    """Diagrams of the alpha filtration of clouds in one, two or three dimensions, or the weak one.

    All degrees below the dimension are computed.  Ties and points that coincide are treated as by
    `RipsPersistence`; clouds that lie on a line or in a plane are triangulated there.

    Args:
        dim: of the clouds, 1 to 3.
        weak: the paper's weak alpha filtration: simplices of the Delaunay triangulation enter with
            their longest edge, values are lengths of edges.  Otherwise the alpha complex, whose
            values are radii of balls around the points (half as much for an edge).
        squared: give squares of the values, as gudhi does for alpha complexes.
        gradient: as in `RipsPersistence`.
        radius: as in `RipsPersistence`.
        threads: as in `RipsPersistence`.

    Examples:
        >>> import torch
        >>> angle = torch.arange(8) * torch.pi / 4
        >>> ring = torch.stack([angle.cos(), angle.sin()], dim=1).requires_grad_()
        >>> diagrams = AlphaPersistence(dim=2)(ring)
        >>> diagrams.of_degree(1).points.detach().numpy().round(2)
        array([[0.38, 1.  ]], dtype=float32)
    """

    def __init__(
        self,
        dim: Literal[1, 2, 3],
        weak: bool = False,
        squared: bool = False,
        gradient: Literal["points", "smooth", "interpolate"] = "points",
        radius: float = 0.1,
        threads: int | None = None,
    ) -> None:
        if dim not in (1, 2, 3):
            raise ValueError(f"dim must be 1, 2 or 3, got {dim!r}")
        super().__init__(dim, gradient, radius, threads)
        self.weak = weak
        self.squared = squared

    def forward(self, clouds: Clouds) -> DiagramBatch:
        """Compute the diagrams of clouds; see `RipsPersistence`, d is the layer's dim."""
        for cloud in _checked(clouds):
            if cloud.shape[1] != self.degrees:
                raise ValueError(
                    f"points have {cloud.shape[1]} coordinates; this layer has dim={self.degrees}"
                )
        return super().forward(clouds)

    def _cells(self, points: NDArray[np.float64]) -> list[NDArray[np.int64]]:
        return (weak_alpha_cells if self.weak else alpha_cells)(points, self.degrees)

    def _values(self, corners: Tensor) -> Tensor:
        if self.weak:
            return _lengths(corners).square() if self.squared else _lengths(corners)
        squares = _squared_radii(corners)
        return squares if self.squared else _root(squares)


def _checked(clouds: Clouds) -> list[Tensor]:
    """Return clouds as a list of ``(n, d)``, or say what is wrong with them."""
    if isinstance(clouds, Tensor):
        clouds = clouds[None] if clouds.ndim == 2 else clouds
        if clouds.ndim != 3:
            raise ValueError(f"clouds have shape {tuple(clouds.shape)}; (n, d) or (B, n, d) is due")
    if not len(clouds):
        raise ValueError("there is no cloud: give one at least")
    for i, cloud in enumerate(clouds):
        if cloud.ndim != 2 or not 0 < len(cloud) <= MOST_POINTS or not cloud.is_floating_point():
            raise ValueError(
                f"cloud {i} has shape {tuple(cloud.shape)} and dtype {cloud.dtype}; (n, d) "
                f"floats with n from 1 to {MOST_POINTS} are needed"
            )
        if cloud.shape[1] != clouds[0].shape[1]:
            raise ValueError(
                f"cloud {i} has points of {cloud.shape[1]} coordinates, cloud 0 of "
                f"{clouds[0].shape[1]}; clouds of one call share a space"
            )
        if not cloud.isfinite().all():
            row = int((~cloud.isfinite()).any(1).nonzero()[0])
            raise ValueError(
                f"cloud {i}: point {row} is {cloud[row].tolist()}, which is not finite"
            )
    return list(clouds)


def _lengths(edges: Tensor) -> Tensor:
    """Return the lengths ``(N,)`` of edges ``(N, 2, d)``; where one is 0, so is its gradient."""
    return _root((edges[:, 0] - edges[:, 1]).square().sum(1))


def _root(squares: Tensor) -> Tensor:
    """Return square roots, with gradient 0 at 0."""
    positive = squares > 0
    return torch.where(positive, squares.where(positive, 1.0).sqrt(), 0.0)


def _squared_radii(corners: Tensor) -> Tensor:
    """Return squared circumradii of simplices ``(N, k, d)`` that may repeat their last point.

    See `clouds.alpha.squared_circumradii`; flat simplices take a pseudo-inverse.
    """
    radii = corners.new_zeros(len(corners))
    repeated = (corners[:, 1:] == corners[:, :-1]).all(2)
    size = (~repeated).sum(1)  # edges of the simplex
    flat = max(FLAT, 100 * torch.finfo(corners.dtype).eps)
    for k in range(1, corners.shape[1]):
        which = (size == k).nonzero().squeeze(1)
        edges = corners[which, 1 : k + 1] - corners[which, :1]
        if k == 1:
            radii = radii.index_add(0, which, edges.square().sum((1, 2)) / 4)
            continue
        squares = edges.square().sum(2)
        above, below = (_of_triangles if k == 2 else _of_tetrahedra)(edges, squares)
        solid = below > flat * squares.prod(1)
        if solid.all():
            radii = radii.index_add(0, which, above / (4 * below))
            continue
        radii = radii.index_add(0, which[solid], above[solid] / (4 * below[solid]))
        flats, halves = edges[~solid], squares[~solid, :, None] / 2
        inverse = torch.linalg.pinv(flats @ flats.mT, rtol=1e-12, hermitian=True)
        radii = radii.index_add(0, which[~solid], (halves.mT @ inverse @ halves).flatten())
    return radii


def _of_triangles(edges: Tensor, squares: Tensor) -> tuple[Tensor, Tensor]:
    """Return four times the squared circumradii as fractions: product of squared sides, area."""
    product = (edges[:, 0] * edges[:, 1]).sum(1)
    both = squares.prod(1)
    return both * (squares.sum(1) - 2 * product), both - product.square()


def _of_tetrahedra(edges: Tensor, squares: Tensor) -> tuple[Tensor, Tensor]:
    """Return the same of tetrahedra in space, from the centre as seen from the first corner."""
    normals = torch.linalg.cross(edges.roll(-1, 1), edges.roll(-2, 1))
    volume = (edges[:, 0] * normals[:, 0]).sum(1)
    return (squares[:, :, None] * normals).sum(1).square().sum(1), volume.square()
