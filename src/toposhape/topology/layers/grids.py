"""Diagrams that carry gradients: every coordinate is a value of the field at a critical vertex.

Away from ties the critical vertices do not move under a small change of the field, so a coordinate
of a point has the gradient of the field's value at its vertex and none elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..grids.persistence import superlevel_diagrams


class TensorDiagram(NamedTuple):
    """A persistence diagram in tensors.

    Attributes:
        points: for each degree ``(n_k, 2)`` points ``(death, birth)`` with gradients, in the
            field's dtype and on its device.
        vertices: for each degree the ``(n_k, 2)`` int64 flat C-order indices of the vertices where
            the points die and are born, on the same device.
    """

    points: tuple[Tensor, Tensor, Tensor]
    vertices: tuple[Tensor, Tensor, Tensor]


class SuperlevelPersistence(nn.Module):
    """Diagrams of the superlevel sets of grid functions, as a layer without parameters or state.

    Args:
        complex: as in `superlevel_diagrams`.
        min_persistence: points with ``birth - death`` below this are left out.
        engine: as in `superlevel_diagrams`.
        threads: fields of a batch computed at the same time; all cores by default.

    Examples:
        The hole of a ring is made smaller by its gradient: where it dies, and where it is born.

        >>> import torch
        >>> field = torch.ones(1, 3, 3, requires_grad=True)
        >>> ring = field - 2 * torch.eye(9)[4].reshape(1, 3, 3)
        >>> (death, birth), *_ = SuperlevelPersistence()(ring).points[1]
        >>> (birth - death).item()
        2.0
        >>> (birth - death).backward()
        >>> field.grad.sum().item(), field.grad[0, 1, 1].item()
        (0.0, -1.0)
    """

    def __init__(
        self,
        complex: Literal["freudenthal", "cubical"] = "freudenthal",
        min_persistence: float = 0.0,
        engine: Literal["native", "gudhi"] = "native",
        threads: int | None = None,
    ) -> None:
        super().__init__()
        self.complex = complex
        self.min_persistence = min_persistence
        self.engine = engine
        self.threads = threads

    def forward(self, fields: Tensor) -> TensorDiagram | list[TensorDiagram]:
        """Compute the diagrams of one field or of a batch.

        Args:
            fields: ``(D, H, W)`` or ``(B, D, H, W)``, float32 or float64, on any device.

        Returns:
            The diagram of the one field, or a list of B of them.

        Raises:
            ValueError: for another number of dimensions, and as `superlevel_diagrams`.
        """
        if fields.ndim not in (3, 4):
            raise ValueError(
                f"fields have shape {tuple(fields.shape)}; (D, H, W) or (B, D, H, W) is needed"
            )
        batch = fields if fields.ndim == 4 else fields[None]
        diagrams = superlevel_diagrams(
            list(batch.detach().cpu().numpy()),
            complex=self.complex,
            min_persistence=self.min_persistence,
            engine=self.engine,
            threads=self.threads,
        )
        gathered = [
            _gather(field, diagram.vertices) for field, diagram in zip(batch, diagrams, strict=True)
        ]
        return gathered if fields.ndim == 4 else gathered[0]

    def extra_repr(self) -> str:
        """Show the options when the module is printed."""
        return (
            f"complex={self.complex!r}, min_persistence={self.min_persistence}, "
            f"engine={self.engine!r}, threads={self.threads}"
        )


def critical_values(
    function: Callable[[Tensor], Tensor],
    vertices: Sequence[NDArray[np.int64] | Tensor],
    shape: tuple[int, int, int],
    *,
    lower: float = -1.0,
    upper: float = 1.0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, ...]:
    """Evaluate a neural field with gradient at the critical vertices of its diagram only.

    The field is first evaluated on the grid without gradient and its diagram taken; a loss on the
    diagram then needs these few hundred points.  The function is called once, with every vertex
    once, in ascending flat order, however many points share it.

    Args:
        function: maps ``(N, 3)`` points to ``(N,)`` values; it must be the function whose
            *superlevel* diagram was taken (for a signed distance f: its negative).
        vertices: for each degree ``(n_k, 2)`` flat C-order indices of death and birth vertices,
            as in `Diagram.vertices`, all of them or the matched ones only.
        shape: the grid's ``(D, H, W)``.
        lower: coordinate of the first vertex along each axis, in the function's units.
        upper: coordinate of the last vertex along each axis.
        dtype: of the points given to the function.
        device: of the points given to the function.

    Returns:
        For each degree ``(n_k, 2)`` values ``(death, birth)`` with the function's gradient.

    Raises:
        ValueError: if a vertex lies outside the grid, or the function returns another shape.
    """
    # on the CPU: a GPU would be waited for at every step of it
    pairs = [torch.as_tensor(v, dtype=torch.int64, device="cpu").reshape(-1, 2) for v in vertices]
    unique, places = torch.unique(torch.cat(pairs).flatten(), return_inverse=True)
    if unique.numel() == 0:
        return tuple(torch.zeros(0, 2, dtype=dtype, device=device) for _ in pairs)
    if unique[0] < 0 or unique[-1] >= int(np.prod(shape)):
        raise ValueError(
            f"vertices run from {int(unique[0])} to {int(unique[-1])}, outside a grid of shape "
            f"{tuple(shape)}; give the shape of the grid whose diagram was taken"
        )
    points = _coordinates(unique, shape, lower, upper, dtype)
    values = function(points.to(device, non_blocking=True))
    if values.shape != unique.shape:
        raise ValueError(
            f"the function returned shape {tuple(values.shape)} for {unique.numel()} points; "
            f"({unique.numel()},) is needed"
        )
    places = places.to(device, non_blocking=True)
    ends = values[places].reshape(-1, 2)
    return torch.split(ends, [len(p) for p in pairs])


def matched_diagram_cost(
    points: Tensor, targets: Tensor, matching: NDArray[np.int64] | Tensor
) -> Tensor:
    """Compute equation (1) of one degree for a given matching, differentiable on both sides.

    With an optimal matching (`diagram_distance` with ``return_matching``) this is the distance, and
    its gradient is the distance's wherever the optimal matching is unique.

    Args:
        points: ``(n, 2)`` points ``(death, birth)``.
        targets: ``(m, 2)`` points of the other diagram.
        matching: ``(k, 2)`` integer pairs of indices into ``points`` and ``targets``; points that
            it does not name pay ``(birth - death)^2 / 2``.

    Returns:
        The cost, a scalar tensor.

    Raises:
        ValueError: if the matching names a point twice.
    """
    matching = torch.as_tensor(matching, dtype=torch.int64, device="cpu").reshape(-1, 2)
    alone = [
        _unmatched(len(each), named).to(points.device, non_blocking=True)
        for each, named in zip((points, targets), matching.unbind(1), strict=True)
    ]
    matched, partners = matching.to(points.device, non_blocking=True).unbind(1)
    cost = (points[matched] - targets[partners]).square().sum()
    return cost + _diagonal_cost(points[alone[0]]) + _diagonal_cost(targets[alone[1]])


def _gather(field: Tensor, vertices: Sequence[NDArray[np.int64]]) -> TensorDiagram:
    """Look the points of all degrees up in the field, in one differentiable operation."""
    indices = torch.from_numpy(np.concatenate(vertices)).to(field.device)
    values = field.reshape(-1)[indices]
    sizes = [len(pairs) for pairs in vertices]
    return TensorDiagram(values.split(sizes), indices.split(sizes))


def _coordinates(
    flat: Tensor, shape: tuple[int, int, int], lower: float, upper: float, dtype: torch.dtype
) -> Tensor:
    """Return the ``(N, 3)`` coordinates of grid vertices given by flat C-order indices."""
    axes = [torch.linspace(lower, upper, n, dtype=dtype, device=flat.device) for n in shape]
    return torch.stack(
        [axis[i] for axis, i in zip(axes, torch.unravel_index(flat, shape), strict=True)], dim=1
    )


def _unmatched(count: int, matched: Tensor) -> Tensor:
    """Indices of the points, of so many, that are not matched."""
    alone = torch.ones(count, dtype=torch.bool)
    alone[matched] = False
    if int(alone.sum()) != count - len(matched):
        raise ValueError("the matching names a point more than once")
    return alone.nonzero().squeeze(1)


def _diagonal_cost(points: Tensor) -> Tensor:
    """Sum the squared distances of points to the diagonal."""
    death, birth = points.unbind(1)
    return (birth - death).square().sum() / 2
