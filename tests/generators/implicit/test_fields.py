import numpy as np
import pytest
import torch

from toposhape.generators import ImplicitDecoder, evaluate_on_grid, grid_points
from toposhape.generators.implicit.fields import fast_dtype, fields_on_grid, points_in_a_block
from toposhape.generators.implicit.frozen import rectified_
from toposhape.settings.implicit import Decoder


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


@pytest.mark.parametrize("activation", ["relu", "silu", "softplus", "sine"])
def test_every_activation_is_what_the_decoder_does(activation):
    decoder = decoder_of_small_width(activation)
    codes = np.random.default_rng(0).standard_normal((1, 4)).astype(np.float32)
    expected = decoder(grid_points(6)[None], torch.from_numpy(codes)).detach().view(1, 6, 6, 6)
    np.testing.assert_allclose(evaluate_on_grid(decoder, codes, 6), expected, atol=1e-6)


def test_weight_norm_and_tanh_are_seen():
    torch.manual_seed(1)
    size = Decoder(width=16, depth=3, latent_size=4, skip_layers=(1,))
    decoder = ImplicitDecoder(size.model_copy(update={"weight_norm": True, "tanh_output": True}))
    codes = torch.randn(1, 4)
    expected = decoder(grid_points(6)[None], codes).detach().view(1, 6, 6, 6)
    np.testing.assert_allclose(evaluate_on_grid(decoder, codes, 6), expected, atol=1e-6)


def test_below_the_smallest_grid_a_tolerance_changes_nothing():
    decoder = decoder_of_small_width()
    codes = np.zeros((1, 4))
    whole, cheap = (evaluate_on_grid(decoder, codes, 17, tolerance=t) for t in (0.0, 0.2))
    np.testing.assert_array_equal(whole, cheap)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_batch_gives_what_its_shapes_give_alone(dtype):
    decoder = decoder_of_small_width("relu")
    codes = np.random.default_rng(0).standard_normal((3, 4))
    together = evaluate_on_grid(decoder, codes, 25, tolerance=0.2, dtype=dtype)
    alone = [evaluate_on_grid(decoder, c[None], 25, tolerance=0.2, dtype=dtype)[0] for c in codes]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_a_tolerance_keeps_the_field_near():
    decoder = decoder_of_small_width("relu")
    codes = np.random.default_rng(0).standard_normal((2, 4))
    whole, cheap = (evaluate_on_grid(decoder, codes, 33, tolerance=t) for t in (0.0, 0.2))
    difference = np.abs(whole - cheap)
    steepest = max(np.linalg.norm(np.gradient(field), axis=0).max() for field in whole)
    assert 0 < difference.max() < 0.2 * 4 * steepest
    np.testing.assert_array_equal(whole <= 0, cheap <= 0)


def test_a_negative_tolerance_is_refused():
    with pytest.raises(ValueError, match="tolerance is -1"):
        evaluate_on_grid(decoder_of_small_width(), np.zeros((1, 4)), 5, tolerance=-1)


def test_the_fast_type_is_one_that_the_network_takes():
    dtype = fast_dtype("cpu")
    field = evaluate_on_grid(decoder_of_small_width("relu"), np.zeros((1, 4)), 5, dtype=dtype)
    assert np.isfinite(field).all()


def test_without_units_for_bfloat16_the_fast_type_is_float32(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True}, raising=False)
    assert fast_dtype("cpu") == torch.float32


def test_a_rectified_bfloat16_is_that_of_torch():
    bits = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16)
    values = bits.view(torch.bfloat16)
    values = values[~values.isnan()]
    expected = torch.relu(values)
    assert rectified_(values) is values
    assert torch.equal(values, expected)


def test_a_field_at_a_time_is_what_the_batch_has():
    decoder = decoder_of_small_width("relu")
    codes = np.random.default_rng(0).standard_normal((3, 4))
    together = evaluate_on_grid(decoder, codes, 20, tolerance=0.2)
    fields = list(fields_on_grid(decoder, codes, 20, tolerance=0.2))
    assert all(field.flags.c_contiguous for field in fields)
    np.testing.assert_array_equal(np.stack(fields), together)
    assert evaluate_on_grid(decoder, codes[:0], 20).shape == (0, 20, 20, 20)


def test_blocks_grow_with_a_gpu_s_memory():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert points_in_a_block(512, cpu) == points_in_a_block(64, cpu) == 1 << 10
    sizes = [points_in_a_block(512, gpu, memory << 30) for memory in (8, 16, 24, 80)]
    assert sizes == [1 << 17, 1 << 18, 1 << 19, 1 << 21]
    assert points_in_a_block(512, gpu, 0) == 1 << 10


@pytest.mark.parametrize("resolution", [8, 41, 48])
@pytest.mark.parametrize("tolerance", [0.0, 0.2])
def test_of_mirrored_shapes_one_half_is_evaluated(resolution, tolerance):
    torch.manual_seed(0)
    settings = Decoder(width=32, depth=3, latent_size=4, skip_layers=(), mirrored=True)
    decoder = ImplicitDecoder(settings, "softplus")
    codes = np.random.default_rng(0).standard_normal((2, 4)).astype(np.float32)
    fields = evaluate_on_grid(decoder, codes, resolution, tolerance=tolerance)
    np.testing.assert_array_equal(fields, fields[:, ::-1])
    points = grid_points(resolution).expand(2, -1, -1)
    exact = decoder(points, torch.from_numpy(codes)).detach().view(fields.shape).numpy()
    near = np.abs(exact) < 1 / (resolution - 1)
    np.testing.assert_allclose(fields[near], exact[near], atol=1e-6)
    assert np.abs(fields - exact).max() < (1e-6 if tolerance == 0 else 0.03)
