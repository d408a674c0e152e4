import numpy as np
import pytest
import torch
import trimesh

from toposhape.config import Decoder
from toposhape.generators import ImplicitDecoder, evaluate_on_grid, extract_surface, grid_points


def decoder_of_small_width(activation: str = "softplus") -> ImplicitDecoder:
    torch.manual_seed(0)
    return ImplicitDecoder(Decoder(width=16, depth=3, latent_size=4, skip_layers=(1,)), activation)


def sphere(resolution: int, radius: float = 0.6) -> np.ndarray:
    distances = grid_points(resolution).norm(dim=1) - radius
    return distances.reshape((resolution,) * 3).numpy()


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


def test_a_sphere_comes_out_as_a_sphere_in_the_shape_frame():
    field = sphere(33)
    vertices, faces = extract_surface(field)
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), 0.6, atol=2e-3)
    mesh = trimesh.Trimesh(vertices, faces)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.01)  # and positive: outwards


def test_axes_keep_their_order():
    points = grid_points(21).numpy()
    box = np.abs(points) - [0.2, 0.4, 0.8]
    vertices, _ = extract_surface(box.max(axis=1).reshape(21, 21, 21).astype(np.float32))
    np.testing.assert_allclose(vertices.max(axis=0), [0.2, 0.4, 0.8], atol=1e-5)


@pytest.mark.parametrize("value", [-1.0, 1.0, 0.0])
def test_a_field_without_a_surface_is_an_empty_mesh(value):
    vertices, faces = extract_surface(np.full((4, 4, 4), value, np.float32))
    assert vertices.shape == faces.shape == (0, 3)


def test_a_field_that_is_not_finite_is_refused():
    field = sphere(5)
    field[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        extract_surface(field)
