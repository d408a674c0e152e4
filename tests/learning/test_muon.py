import pytest
import torch

from toposhape.learning.muon import Muon, orthogonalise


@pytest.mark.parametrize("form", [(3, 16, 16), (2, 8, 24), (2, 24, 8)])
def test_singular_values_come_near_to_1_and_directions_stay(form):
    matrices = torch.randn(form, generator=torch.Generator().manual_seed(0))
    near = orthogonalise(matrices)
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    inner = u.mT @ near @ v.mT
    values = inner.diagonal(dim1=1, dim2=2)
    large = torch.linalg.svdvals(matrices) > 0.1 * torch.linalg.matrix_norm(matrices)[:, None]
    assert ((values > 0.6) & (values < 1.25))[large].all()
    assert (inner - torch.diag_embed(values)).abs().max() < 1e-3


def test_it_is_torch_s_muon_in_another_precision():
    random = torch.Generator().manual_seed(0)
    start = [torch.randn(12, 12, generator=random) for _ in range(3)]
    ours, theirs = ([torch.nn.Parameter(w.clone()) for w in start] for _ in range(2))
    pairs = [(Muon(ours, lr=0.1), ours)]
    pairs.append((torch.optim.Muon(theirs, lr=0.1, weight_decay=0.0), theirs))
    for step in range(5):
        for optimiser, weights in pairs:
            optimiser.zero_grad()
            sum(((w - i - step) ** 2 * (i + 1)).sum() for i, w in enumerate(weights)).backward()
            optimiser.step()
    for a, b, w in zip(ours, theirs, start, strict=True):
        assert (a - w).norm() > 0.5
        assert (a - b).norm() < 0.05 * (a - w).norm()


def test_it_solves_a_badly_conditioned_problem():
    scales = torch.logspace(0, -2, 8)
    target = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    weight = torch.nn.Parameter(torch.zeros(8, 8))
    optimiser = Muon([weight], lr=0.1)
    for step in range(400):
        optimiser.param_groups[0]["lr"] = 0.1 * (1 - step / 400)
        optimiser.zero_grad()
        (((weight - target) * scales[:, None]) ** 2).sum().backward()
        optimiser.step()
    assert (weight - target).abs().max() < 0.15 * target.abs().max()


def test_vectors_are_refused():
    with pytest.raises(ValueError, match=r"not for the form \(3,\)"):
        Muon([torch.nn.Parameter(torch.zeros(3))], lr=0.1)
