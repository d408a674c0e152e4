"""Muon, an optimiser for the matrices between hidden layers.

Jordan et al. 2024, https://kellerjordan.github.io/posts/muon: the momentum of a weight matrix is
replaced by the nearest orthogonal matrix before a step, so that all its directions learn equally
fast. `torch.optim.Muon` does the same in bfloat16 and a matrix at a time; on a CPU without
bfloat16 units that is slow, so here all matrices of a form are taken at once, in their own type.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .optimisers import Unmarked

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic that pulls singular values towards 1
ITERATIONS = 5


class Muon(Unmarked):
    """Nesterov momentum, orthogonalised; for matrices only."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        """Optimise the given matrices.

        Args:
            matrices: parameters with two dimensions.
            lr: learning rate; every step has the spectral norm lr, or more for tall matrices.
            momentum: share of the past gradients that is kept.

        Raises:
            ValueError: if a parameter is no matrix.
        """
        super().__init__(matrices, {"lr": lr, "momentum": momentum})
        for matrix in (p for group in self.param_groups for p in group["params"]):
            if matrix.ndim != 2:
                raise ValueError(f"Muon is for matrices, not for the form {tuple(matrix.shape)}")

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take a step along the gradients that there are."""
        for group in self.param_groups:
            forms: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    forms.setdefault(matrix.shape, []).append(matrix)
            for form, matrices in forms.items():
                directions = torch.stack([self._momentum(m, group["momentum"]) for m in matrices])
                scale = group["lr"] * max(1.0, form[0] / form[1]) ** 0.5
                for matrix, direction in zip(matrices, orthogonalise(directions), strict=True):
                    matrix.sub_(direction, alpha=scale)

    def _momentum(self, matrix: Tensor, momentum: float) -> Tensor:
        state = self.state[matrix]
        if not state:
            state["momentum"] = torch.zeros_like(matrix)
        gradient = matrix.grad
        assert gradient is not None  # `step` asks for those that have one
        state["momentum"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(state["momentum"], momentum)


def orthogonalise(matrices: Tensor) -> Tensor:
    """Nearly the nearest orthogonal matrices: (n, rows, columns), singular values in 0.7 to 1.2.

    Newton-Schulz iteration from each matrix over its Frobenius norm.
    """
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    values = matrices.mT if tall else matrices
    values = values / (torch.linalg.matrix_norm(values, keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        gram = values @ values.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        values = torch.baddbmm(values, polynomial, values, beta=a)
    return values.mT if tall else values
