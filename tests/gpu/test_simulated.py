"""The simulated GPU refuses what CUDA refuses and allows what CUDA allows.

On a machine with a GPU these tests run on it, and so compare the simulation with the real thing.
"""

import copy

import numpy as np
import pytest
import safetensors.torch
import torch
from simulated import WAITS
from torch import nn
from torch.nn import functional

HOST = torch.arange(6.0).view(2, 3)
REFUSED = {
    "sum with a CPU tensor": lambda x: x + torch.ones(3),
    "CPU tensor with a scalar of the GPU": lambda x: torch.ones(3) * x.sum(),
    "product of matrices": lambda x: x @ torch.ones(3),
    "stack": lambda x: torch.stack([x.sum(), torch.tensor(0.0)]),
    "concatenation": lambda x: torch.cat([x, torch.ones(1, 3)]),
    "gather by a CPU index": lambda x: x.gather(1, torch.zeros(2, 1, dtype=torch.long)),
    "mask of the CPU in where": lambda x: torch.where(HOST > 1, x, x),
    "CPU tensor indexed by the GPU": lambda x: HOST[x[0, :2].long()],
    "CPU sum written from the GPU": lambda x: torch.zeros(()).add_(x.sum()),
    "CPU vector written by index": lambda x: x.index_put_((torch.tensor([0]),), torch.ones(1, 3)),
    "numpy": lambda x: x.numpy(),
    "numpy without a word": lambda x: np.asarray(x),
    "torch.from_numpy beside it": lambda x: x - torch.from_numpy(np.ones((2, 3), np.float32)),
    "generator of the CPU": lambda x: torch.randn(3, generator=torch.Generator(), device=x.device),
    "a layer that was left behind": lambda x: nn.Linear(3, 2)(x),
    "pinning": lambda x: x.pin_memory(),
}
ALLOWED = {
    "scalar of the CPU": lambda x: x * torch.tensor(2.0),
    "scalar of the CPU in where": lambda x: torch.where(x > 1, x, torch.tensor(0.0)),
    "index of the CPU": lambda x: x[torch.tensor([1, 0])],
    "mask of the CPU": lambda x: x[torch.tensor([True, False])],
    "written by an index of the CPU": lambda x: x.clone().index_put_(
        (torch.tensor([0]),), torch.tensor(1.0)
    ),
    "copy to it": lambda x: x.clone().copy_(torch.ones(2, 3)),
    "new tensor": lambda x: x + x.new_tensor([1.0, 2.0, 3.0]),
    "made there": lambda x: x + torch.tensor([1.0, 2.0, 3.0], device=x.device),
    "half a layer": lambda x: functional.layer_norm(x, (3,)).amax(dim=1).sqrt(),
    "a view that is written": lambda x: x.clone().mul_(2).t().contiguous().view(-1)[1:].exp_(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cuda_refuses_is_refused(gpu, what: str):
    with pytest.raises((RuntimeError, TypeError), match="device|numpy|pinned"):
        REFUSED[what](HOST.to(gpu))


@pytest.mark.parametrize("what", ALLOWED)
def test_what_cuda_allows_gives_the_values_of_a_cpu(gpu, what: str):
    found = ALLOWED[what](HOST.to(gpu))
    assert found.device == torch.device("cuda", 0)
    assert found.is_cuda
    torch.testing.assert_close(found.cpu(), ALLOWED[what](HOST))


def learned(device: torch.device | str, **options: object) -> list[torch.Tensor]:
    """Weights after three steps, in which a gradient is itself differentiated."""
    torch.manual_seed(0)
    network = nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)).to(device)
    weights = list(network.parameters())
    optimiser = torch.optim.Adam(weights, lr=0.1, **options)
    for _ in range(3):
        points = HOST.to(device).requires_grad_()
        values = network(points).sin().sum()
        slopes = torch.autograd.grad(values, points, create_graph=True)[0]
        optimiser.zero_grad()
        (values + slopes.square().sum()).backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.load_state_dict(copy.deepcopy(optimiser.state_dict()))
    return [weight.detach().cpu() for weight in weights]


@pytest.mark.parametrize("options", [{}, {"fused": True}, {"foreach": True}], ids=str)
def test_learning(gpu, options: dict):
    torch.testing.assert_close(learned(gpu, **options), learned("cpu", **options))


def test_a_module_keeps_its_parameters(gpu):
    network = nn.Linear(2, 2)
    before = list(network.parameters())
    network.to(gpu)
    assert all(a is b for a, b in zip(before, network.parameters(), strict=True))
    assert before[0].is_cuda


def test_random_numbers_of_the_gpu_are_its_own_and_are_seeded_with_the_others(gpu):
    torch.manual_seed(3)
    first = torch.rand(4, device=gpu).cpu()
    torch.rand(4)
    with torch.random.fork_rng(devices=[torch.device("cuda", 0)]):
        torch.manual_seed(3)
        again = functional.dropout(torch.ones(64, device=gpu), 0.5).cpu()
    second = torch.rand(4, device=gpu).cpu()
    torch.manual_seed(3)
    torch.testing.assert_close(torch.rand(8, device=gpu).cpu()[:4], first)
    assert not torch.equal(first, second)
    assert set(again.tolist()) == {0.0, 2.0}


def test_autocast_lowers_products(gpu, bfloat16_products):
    layer = nn.Linear(3, 2).to(gpu)
    with torch.autocast("cuda", torch.bfloat16):
        assert layer(HOST.to(gpu)).dtype == torch.bfloat16
    assert layer(HOST.to(gpu)).dtype == torch.float32


def test_files_are_read_to_the_gpu(gpu, tmp_path):
    file = tmp_path / "x.safetensors"
    safetensors.torch.save_file({"x": HOST}, file)
    found = safetensors.torch.load_file(file, device=str(gpu))["x"]
    assert found.is_cuda
    torch.testing.assert_close(found.cpu(), HOST)


@pytest.mark.skipif(torch.cuda.is_available(), reason="counts what a real GPU does not tell")
def test_waits_are_counted(gpu):
    x = HOST.to(gpu, non_blocking=True)
    x.add_(1).sum().clamp(max=3)
    assert not WAITS
    for wait in (lambda: x.sum().item(), x.cpu, lambda: x[x > 2], lambda: x.new_tensor([1.0])):
        WAITS.clear()
        wait()
        assert WAITS
