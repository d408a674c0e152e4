"""An optimiser's moments as named tensors, for checkpoints without pickled code."""

from collections.abc import Mapping

import torch
from torch import Tensor


def optimiser_tensors(name: str, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The moments of all parameters, as `<name>.<parameter's number>.<moment>`."""
    states = optimiser.state_dict()["state"]
    return {f"{name}.{i}.{key}": value for i, each in states.items() for key, value in each.items()}


def restore_optimiser(
    name: str, optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]
) -> None:
    """Give an optimiser the moments back; its learning rates stay as they are."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(f"{name}."):
            _, index, kind = key.split(".")
            moments.setdefault(int(index), {})[kind] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
