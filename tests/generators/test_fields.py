import numpy as np
import pytest
import torch

from toposhape.config import Decoder
from toposhape.generators import ImplicitDecoder, evaluate_on_grid, grid_points


def decoder_of_small_width(activation: str = "softplus") -> ImplicitDecoder:
    torch.manual_seed(0)
    return ImplicitDecoder(Decoder(width=16, depth=3, latent_size=4, skip_layers=(1,)), activation)


def test_grid_points_are_the_house_s_grid():
    axis = np.linspace(-1, 1, 5)
    expected = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    np.testing.assert_allclose(grid_points(5).view(5, 5, 5, 3), expected, atol=1e-7)


@pytest.mark.parametrize("block", [None, 7, 1000])
def test_fields_hold_f_at_the_grid_points(block):
    decoder = decoder_of_small_width()
    codes = np.random.default_rng(0).standard_normal((3, 4))
    fields = evaluate_on_grid(decoder, codes, 6, points_at_a_time=block)
    assert fields.shape == (3, 6, 6, 6)
    assert fields.dtype == np.float32
    points = grid_points(6).expand(3, -1, -1)
    expected = decoder(points, torch.as_tensor(codes).float()).detach().view(3, 6, 6, 6)
    np.testing.assert_allclose(fields, expected, atol=1e-6)


def test_a_decoder_in_training_stays_so_and_drops_nothing_on_the_grid():
    decoder = decoder_of_small_width("relu").train()
    decoder.dropout = 0.5
    codes = np.zeros((1, 4))
    first, second = (evaluate_on_grid(decoder, codes, 5) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert decoder.training


def test_bfloat16_is_near():
    decoder = decoder_of_small_width("relu")
    codes = np.random.default_rng(0).standard_normal((2, 4))
    exact = evaluate_on_grid(decoder, codes, 12)
    rough = evaluate_on_grid(decoder, codes, 12, dtype=torch.bfloat16)
    assert rough.dtype == np.float32
    assert 0 < np.abs(rough - exact).max() < 0.03 * np.abs(exact).max()
