import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from toposhape.generators import VariationalCodes, moment_divergence, shape_divergence


def posterior(n: int, d: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    means = torch.randn(n, d, generator=random, dtype=torch.float64)
    return means, torch.randn(n, d, generator=random, dtype=torch.float64) - 1


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 1000))
def test_both_divergences_are_those_of_gaussians(n, d, seed):
    means, log_variances = posterior(n, d, seed)
    prior = torch.distributions.Normal(0.0, 1.0)
    each = torch.distributions.Normal(means, (0.5 * log_variances).exp())
    expected = torch.distributions.kl_divergence(each, prior).sum(dim=1).mean()
    torch.testing.assert_close(shape_divergence(means, log_variances), expected, check_dtype=False)

    m, mu, var = means.mean(dim=0), means.numpy(), log_variances.exp().numpy()
    covariance = sum(
        np.outer(a - m.numpy(), a - m.numpy()) + np.diag(v) for a, v in zip(mu, var, strict=True)
    )
    moments = torch.distributions.MultivariateNormal(m, torch.from_numpy(covariance / n))
    standard = torch.distributions.MultivariateNormal(torch.zeros_like(m), torch.eye(d).double())
    expected = torch.distributions.kl_divergence(moments, standard)
    torch.testing.assert_close(moment_divergence(means, log_variances), expected)


def test_divergences_have_right_gradients():
    given = tuple(t.requires_grad_() for t in posterior(5, 3, 0))
    assert torch.autograd.gradcheck(shape_divergence, given)
    assert torch.autograd.gradcheck(moment_divergence, given)


def test_codes_with_the_moments_of_the_prior_cost_nothing():
    means = torch.eye(4).repeat(2, 1) * torch.tensor([1.0] * 4 + [-1.0] * 4)[:, None] * 2
    within = torch.full_like(means, 1e-12).log()
    assert float(moment_divergence(means, within)) == pytest.approx(0, abs=1e-5)
    assert float(shape_divergence(means, within)) > 10  # each by itself is far from the prior


def test_samples_follow_each_posterior():
    codes = VariationalCodes(2, 3, deviation=0.2, generator=torch.Generator().manual_seed(0))
    random = torch.Generator().manual_seed(1)
    drawn = codes.sample(torch.ones(20_000, dtype=torch.long), random)
    torch.testing.assert_close(drawn.mean(dim=0), codes.means[1], atol=0.01, rtol=0)
    torch.testing.assert_close(drawn.std(dim=0), torch.full((3,), 0.2), atol=0.01, rtol=0)
    drawn[0].sum().backward()
    assert codes.means.grad[1].tolist() == [1, 1, 1]
    assert codes.means.grad[0].tolist() == [0, 0, 0]


def test_statistics_are_those_of_the_aggregate():
    codes = VariationalCodes(50, 4, deviation=0.3, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        codes.means[:, 2] = 0.5
    random = torch.Generator().manual_seed(1)
    drawn = codes.sample(torch.arange(50).repeat(4000), random)
    statistics = codes.statistics()
    assert statistics.variance == pytest.approx(float(drawn.var(dim=0).mean()), rel=0.01)
    assert statistics.mean_norm == pytest.approx(float(drawn.mean(dim=0).norm()), abs=0.01)
    assert statistics.posterior_variance == pytest.approx(0.09)
    assert statistics.active_dimensions == 3
