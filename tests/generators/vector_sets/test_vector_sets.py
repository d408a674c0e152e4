"""Vector sets, their denoiser and sampler, against what is known exactly."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from toposhape.generators.implicit.fields import grid_points
from toposhape.generators.vector_sets.attention import Attention
from toposhape.generators.vector_sets.autoencoder import (
    Posterior,
    VectorSetAutoencoder,
    farthest_points,
)
from toposhape.generators.vector_sets.diffusion import (
    LatentDenoiser,
    denoising_loss,
    noise_levels,
    sample_latents,
)
from toposhape.generators.vector_sets.occupancy_fields import occupancy_on_grid
from toposhape.settings.vector_sets import HeunSampler, SetAutoencoder, SetDenoiser

SMALL = {"width": 16, "heads": 2, "layers": 1, "latents": 6, "channels": 3}


def autoencoder(**changes) -> VectorSetAutoencoder:
    torch.manual_seed(0)
    return VectorSetAutoencoder(SetAutoencoder(**SMALL, **changes)).eval()


def denoiser(rows: int = 1, latents: int = 6) -> LatentDenoiser:
    torch.manual_seed(1)
    settings = SetDenoiser(width=16, heads=2, layers=2)
    moments = torch.linspace(-1, 1, 3 * rows).view(rows, 3), torch.full((rows, 3), 0.5)
    return LatentDenoiser(settings, *moments, latents).eval()


def randomised(network: LatentDenoiser) -> LatentDenoiser:
    """With random weights where there were zeros, so that the network does something."""
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.2)
    return network


def test_attention_is_the_softmax_of_scaled_products():
    torch.manual_seed(0)
    attention = Attention(8, 2)
    queries, context = torch.randn(1, 3, 8), torch.randn(1, 5, 8)
    keys, values = attention.keys_values(context).chunk(2, dim=-1)
    expected = []
    for head in (slice(0, 4), slice(4, 8)):
        scores = attention.queries(queries)[..., head] @ keys[..., head].mT / math.sqrt(4)
        expected.append(scores.softmax(dim=-1) @ values[..., head])
    found = attention(queries, *attention.project(context))
    torch.testing.assert_close(found, attention.output(torch.cat(expected, dim=-1)))


def test_heads_must_share_the_width():
    with pytest.raises(ValueError, match="width 10 is no multiple of 4 heads"):
        Attention(10, 4)
    with pytest.raises(ValidationError, match="width 20 is no multiple of 3 heads"):
        SetDenoiser(width=20, heads=3)


@given(mean=st.floats(-3, 3), log_variance=st.floats(-3, 3))
def test_the_divergence_is_the_gaussian_s(mean, log_variance):
    posterior = Posterior(torch.full((2, 4, 3), mean), torch.full((2, 4, 3), log_variance))
    one = torch.distributions.Normal(mean, math.exp(log_variance / 2))
    expected = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0))
    torch.testing.assert_close(posterior.divergence(), expected, rtol=1e-4, atol=1e-5)


def test_farthest_points_of_a_line_are_its_ends_then_its_middle():
    x = torch.arange(9.0) / 8
    points = torch.stack([x, torch.zeros(9), torch.zeros(9)], dim=-1)[None]
    assert farthest_points(points, 3).tolist() == [[0, 8, 4]]
    assert sorted(farthest_points(points, 9)[0].tolist()) == list(range(9))
    with pytest.raises(ValueError, match="9 surface points cannot give 10"):
        farthest_points(points, 10)


def test_each_farthest_point_is_the_farthest():
    points = torch.randn(3, 40, 3, generator=torch.Generator().manual_seed(0))
    chosen = farthest_points(points, 12)
    for shape, order in zip(points, chosen, strict=True):
        gaps = torch.cdist(shape, shape[order])
        for i in range(1, 12):
            nearest = gaps[:, :i].min(dim=1).values
            assert nearest[order[i]] == nearest.max()


@pytest.mark.parametrize("queries", ["learned", "points"])
def test_a_shape_is_the_set_of_its_surface_points(queries):
    network = autoencoder(queries=queries)
    surface = torch.rand(2, 30, 3) - 0.5
    shuffled = surface[:, [0, *(1 + torch.randperm(29)).tolist()]]
    torch.testing.assert_close(network.encode(surface).means, network.encode(shuffled).means)


def test_latents_without_an_order_are_a_set():
    points, latents = torch.rand(1, 20, 3), torch.randn(1, 6, 3)
    shuffled = latents[:, torch.tensor([3, 1, 5, 0, 2, 4])]
    for queries, same in (("points", True), ("learned", False)):
        network = autoencoder(queries=queries)
        logits = [network.logits(points, network.decode(z)) for z in (latents, shuffled)]
        assert torch.allclose(*logits, atol=1e-5) == same


@pytest.mark.parametrize("feed_forward", [True, False])
def test_a_point_s_logit_depends_on_no_other_point(feed_forward):
    network = autoencoder(decoder_feed_forward=feed_forward)
    points, decoded = torch.rand(2, 10, 3), network.decode(torch.randn(2, 6, 3))
    whole = network.logits(points, decoded)
    assert whole.shape == (2, 10)
    torch.testing.assert_close(network.logits(points[:, 3:5], decoded), whole[:, 3:5])


@pytest.mark.parametrize("resolution", [12, 13])
def test_a_field_is_the_logits_at_the_grid_s_vertices(resolution):
    network, latents = autoencoder(), torch.randn(2, 6, 3)
    fields = occupancy_on_grid(network, latents, resolution, certain_logit=math.inf)
    points = grid_points(resolution).expand(2, -1, -1)
    with torch.no_grad():
        expected = network.logits(points, network.decode(latents)).numpy()
    np.testing.assert_allclose(fields, expected.reshape(fields.shape), rtol=1e-4, atol=1e-5)


class Ball(VectorSetAutoencoder):
    """Its logits are 400 times a ball's signed distance."""

    def logits(self, points, decoded):
        self.evaluated = getattr(self, "evaluated", 0) + points.shape[1]
        return 400 * (0.6 - points.norm(dim=-1))


def test_far_from_the_surface_few_vertices_are_evaluated_and_no_side_is_wrong():
    network = Ball(SetAutoencoder(**SMALL))
    field = occupancy_on_grid(network, torch.zeros(1, 6, 3), 48)
    assert network.evaluated < 48**3 / 2
    exact = 400 * (0.6 - grid_points(48).norm(dim=-1)).view(48, 48, 48).numpy()
    assert ((field[0] > 0) == (exact > 0)).all()
    near = np.abs(exact) < 400 * 2 / 47
    np.testing.assert_array_equal(field[0][near], exact[near])


def test_the_levels_of_noise_are_edm_s():
    levels = noise_levels(HeunSampler())
    assert levels.shape == (19,)
    assert levels[-1] == 0
    torch.testing.assert_close(levels[[0, 17]], torch.tensor([80.0, 0.002], dtype=torch.float64))
    i = 5
    root = 80 ** (1 / 7) + i / 17 * (0.002 ** (1 / 7) - 80 ** (1 / 7))
    assert float(levels[i]) == pytest.approx(root**7)


def test_an_untrained_denoiser_is_optimal_for_normal_latents():
    """Its network is 0, what is left is x / (1 + sigma^2): the loss is 1 at every level."""
    network, generator = denoiser(), torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 4000, 6, 3, generator=generator)
    for sigma in (0.01, 1.0, 50.0):
        with torch.no_grad():
            loss = denoising_loss(network, clean, noise, torch.full((4000,), sigma))
        assert float(loss) == pytest.approx(1, abs=0.02)


def test_the_sampler_solves_the_untrained_denoiser_s_equation():
    """dx / d sigma = x sigma / (1 + sigma^2) ends in noise 80 / sqrt(1 + 80^2)."""
    network, noise = denoiser(), torch.randn(5, 18)
    exact = network.restore(noise.view(5, 6, 3) * 80 / math.sqrt(1 + 80**2))
    errors = [
        float((sample_latents(network, noise, HeunSampler(steps=steps)) - exact).abs().max())
        for steps in (18, 36, 72)
    ]
    assert errors[0] / errors[1] > 3  # second order: 4
    assert errors[1] / errors[2] > 3
    assert errors[2] < 0.01


def test_samples_depend_on_their_own_noise_alone():
    network, noise = randomised(denoiser()), torch.randn(4, 18)
    together = sample_latents(network, noise, HeunSampler())
    assert torch.equal(sample_latents(network, noise, HeunSampler()), together)
    torch.testing.assert_close(
        sample_latents(network, noise[1:2], HeunSampler()), together[1:2], rtol=1e-3, atol=1e-4
    )


def test_denoising_keeps_a_set_a_set_and_tells_places_apart_where_there_are_some():
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    sets, sigma = torch.randn(2, 6, 3), torch.tensor([0.5, 2.0])
    for rows, same in ((1, True), (6, False)):
        network = randomised(denoiser(rows))
        shuffled = network(sets[:, order], sigma)
        assert torch.allclose(shuffled, network(sets, sigma)[:, order], atol=1e-5) == same


def test_normalised_latents_come_back():
    network, latents = denoiser(6), torch.randn(2, 6, 3)
    torch.testing.assert_close(network.restore(network.normalise(latents)), latents)
