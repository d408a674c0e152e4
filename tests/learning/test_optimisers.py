"""Optimisers step as torch's own do, to the bit, and do not wait for torch's compiler."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from toposhape.learning import optimisers
from toposhape.learning.optimiser_state import optimiser_tensors, restore_optimiser


def trained(make, steps: int = 5) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A small network after some steps of an optimiser."""
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    optimiser = make(network.parameters(), lr=0.1)
    for _ in range(steps):
        take_step(network, optimiser)
    return network, optimiser


def take_step(network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    network(torch.ones(1, 3)).square().sum().backward()
    optimiser.step()


@pytest.mark.parametrize("name", ["Adam", "AdamW", "SGD"])
@pytest.mark.parametrize("fused", [False, True])
def test_steps_are_torchs_own(name, fused):
    def make(kind):
        return lambda parameters, lr: kind(parameters, lr, fused=fused)

    ours, optimiser = trained(make(getattr(optimisers, name)))
    theirs, torchs = trained(make(getattr(torch.optim, name)))
    untrained, _ = trained(make(getattr(optimisers, name)), steps=0)
    assert torch.equal(ours.weight, theirs.weight)
    assert not torch.equal(ours.weight, untrained.weight)
    moments = optimiser_tensors("adam", torchs)
    assert moments.keys() == optimiser_tensors("adam", optimiser).keys()
    assert moments or name == "SGD"
    for key, value in optimiser_tensors("adam", optimiser).items():
        assert torch.equal(value, moments[key])
    assert not any(each.requires_grad for each in moments.values())


def test_moments_are_restored():
    network, optimiser = trained(optimisers.Adam)
    moments = {key: each.clone() for key, each in optimiser_tensors("a", optimiser).items()}
    again, fresh = trained(optimisers.Adam, steps=0)
    again.load_state_dict({key: each.clone() for key, each in network.state_dict().items()})
    restore_optimiser("a", fresh, moments)
    take_step(network, optimiser)
    take_step(again, fresh)
    assert torch.equal(network.weight, again.weight)


def test_no_optimiser_waits_for_torchs_compiler():
    code = """
import sys, torch
from toposhape.learning.muon import Muon
from toposhape.learning.optimiser_state import optimiser_tensors, restore_optimiser
from toposhape.learning.optimisers import SGD, Adam, AdamW
for kind in (Adam, AdamW, SGD, Muon):
    matrix = torch.nn.Parameter(torch.ones(2, 2))
    optimiser = kind([matrix], lr=0.1)
    matrix.square().sum().backward()
    optimiser.step()
    optimiser.zero_grad()
    restore_optimiser("a", optimiser, optimiser_tensors("a", optimiser))
print("torch._dynamo" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("False", "")
