"""Fields on grids, evaluated only where interpolation is not good enough.

The field is known on a coarse lattice, every fourth vertex. Halving the spacing, new vertices are
interpolated by cubics or evaluated. Evaluated are those

- near which the last halving was wrong by much: distance fields have kinks, on which errors only
  halve, and a thin plate is a kink between two slopes of +1 and -1 that every lattice sees;
- where the field is also flat. A critical vertex, and so a point of the diagram, needs an error
  that outweighs the slope: on a slope of 1 an error of a tenth of the spacing changes no topology;
- within one spacing of the zero level set, whose mesh and Betti numbers shall be exact.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

COARSEST = 4  # vertices between those of the first lattice
SMALLEST_GRID = 18  # vertices along an edge: below, a lattice twice as coarse allows no cubics
FLAT_ERROR = 0.001  # normalised units: what is added to the tolerance where the field is flat
DECAY = 0.5  # of the interpolation's error at a kink, when the spacing is halved


def fill_grid(
    evaluate: Callable[[Tensor], Tensor],
    axes: Sequence[Tensor],
    tolerance: float,
    device: torch.device,
) -> Tensor:
    """Sample a field on a grid, from coarse to fine.

    Args:
        evaluate: f, points (N, 3) -> (N,) float32. It is asked up to seven spacings outside the
            box, where the coarse lattices end.
        axes: coordinates x, y and z of its vertices, all with the same spacing, at least
            SMALLEST_GRID along each axis.
        tolerance: the interpolation error that may stand, as a share of the field's rise over one
            spacing of the coarser lattice.
        device: of points and values.

    Returns:
        Values (X, Y, Z) float32.
    """
    counts = [len(axis) for axis in axes]
    spacing = (axes[0][-1] - axes[0][0]) / (counts[0] - 1)
    lattice = [_continued(axis, spacing).to(device, non_blocking=True) for axis in axes]
    first = [axis[::COARSEST] for axis in lattice]
    values = evaluate(torch.cartesian_prod(*first)).view([len(axis) for axis in first])
    error = (values - _along_axes(_cubic, values[::2, ::2, ::2])).abs()
    stride = COARSEST
    while stride > 1:
        stride //= 2
        rough = DECAY * _largest_nearby(error) > FLAT_ERROR + tolerance * _rise(values)
        needed = _along_axes(_linear, rough.float()) > 0
        values = _along_axes(_cubic, values)
        needed |= values.abs() < stride * spacing
        _leave_out_known_and_outside(needed, [(count - 2) // stride + 2 for count in counts])
        where = needed.nonzero(as_tuple=True)
        places = [axis[stride * i] for axis, i in zip(lattice, where, strict=True)]
        exact = evaluate(torch.stack(places, dim=-1))
        error = torch.zeros_like(values)
        error[where] = (exact - values[where]).abs()
        values[where] = exact
    return values[: counts[0], : counts[1], : counts[2]]


def _continued(axis: Tensor, spacing: Tensor) -> Tensor:
    """Coordinates, continued until twice the coarsest spacing divides their length."""
    missing = -(len(axis) - 1) % (2 * COARSEST)
    return torch.cat([axis, axis[-1] + spacing * torch.arange(1, missing + 1)])


def _leave_out_known_and_outside(needed: Tensor, inside: Sequence[int]) -> None:
    needed[::2, ::2, ::2] = False
    for axis, count in enumerate(inside):
        needed.narrow(axis, count, needed.shape[axis] - count).fill_(False)


def _largest_nearby(error: Tensor) -> Tensor:
    """Maximum over a vertex and its 26 neighbours."""
    return functional.max_pool3d(error[None, None], 3, stride=1, padding=1)[0, 0]


def _rise(values: Tensor) -> Tensor:
    """Norm of the gradient, per spacing; at a ridge the slopes across it cancel."""
    x, y, z = torch.gradient(values)
    return torch.sqrt(x * x + y * y + z * z)


def _along_axes(matrix: Callable[[int], Tensor], values: Tensor) -> Tensor:
    """Apply the (2n - 1, n) matrix of its number of nodes n along each of three axes."""
    for _ in range(3):
        along = matrix(len(values)).to(values.device, non_blocking=True)
        values = torch.tensordot(values, along, dims=([0], [1]))
    return values


@lru_cache
def _linear(nodes: int) -> Tensor:
    """From n values at even places to 2n - 1, by straight lines."""
    matrix = torch.zeros(2 * nodes - 1, nodes)
    matrix[::2] = torch.eye(nodes)
    matrix[1::2] = (torch.eye(nodes)[1:] + torch.eye(nodes)[:-1]) / 2
    return matrix


@lru_cache
def _cubic(nodes: int) -> Tensor:
    """From n values at even places to 2n - 1, by the cubic through the four nearest."""
    matrix = _linear(nodes).clone()
    between = torch.tensor([-1, 9, 9, -1]) / 16
    for i in range(1, nodes - 2):
        matrix[2 * i + 1, i - 1 : i + 3] = between
    at_the_end = torch.tensor([5, 15, -5, 1]) / 16
    matrix[1, :4] = at_the_end
    matrix[-2, -4:] = at_the_end.flip(0)
    return matrix
