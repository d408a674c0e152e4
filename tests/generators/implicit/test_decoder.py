import numpy as np
import pytest
import torch
from torch.nn import functional

from toposhape.generators import ImplicitDecoder
from toposhape.generators.implicit.decoder import dropped
from toposhape.settings.implicit import Decoder

SMALL = Decoder(width=24, depth=4, latent_size=5, skip_layers=(2,), sine_frequency=7)
ACTIVATIONS = ("relu", "silu", "softplus", "sine")


def make(activation: str, seed: int = 0, **changes) -> ImplicitDecoder:
    torch.manual_seed(seed)
    return ImplicitDecoder(SMALL.model_copy(update=changes), activation)


def inputs(shapes: int = 3, points: int = 11) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(1)
    places = torch.rand(shapes, points, 3, generator=random) * 2 - 1
    return places, torch.randn(shapes, 5, generator=random)


def plain(decoder: ImplicitDecoder, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """DeepSDF's decoder as the paper draws it: (x, z) written beside every point."""
    activate = {
        "relu": functional.relu,
        "silu": lambda t: t * torch.sigmoid(100 * t),
        "softplus": lambda t: functional.softplus(t, beta=100),
        "sine": torch.sin,
    }[decoder.activation]
    joined = torch.cat([points, codes[:, None].expand(-1, points.shape[1], -1)], dim=-1)
    values = None
    for i in range(4):
        total = 0
        if i > 0:
            layer = decoder.hidden[i - 1]
            total = layer(values)
        if str(i) in decoder.inputs:
            layer = decoder.inputs[str(i)]
            weight = torch.cat([layer.point.weight, layer.code.weight], dim=1)
            total = total + joined @ weight.t() + layer.code.bias
        values = activate(total)
    return (values @ decoder.output.weight.t() + decoder.output.bias)[..., 0]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("weight_norm", [False, True])
@pytest.mark.parametrize("narrow_skip", [False, True])
def test_it_is_deepsdf_s_network_of_x_and_z_joined(activation, weight_norm, narrow_skip):
    decoder = make(activation, weight_norm=weight_norm, narrow_skip=narrow_skip)
    points, codes = inputs()
    expected = plain(decoder, points, codes)
    torch.testing.assert_close(decoder(points, codes), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_with_differences(activation):
    decoder = make(activation).double()
    points, codes = (t.double().requires_grad_() for t in inputs(2, 3))
    assert torch.autograd.gradcheck(decoder, (points, codes))


@pytest.mark.parametrize("activation", ["silu", "softplus", "sine"])
def test_smooth_decoders_have_right_second_derivatives(activation):
    decoder = make(activation, sharpness=5).double()
    points, codes = (t.double().requires_grad_() for t in inputs(1, 2))
    assert torch.autograd.gradgradcheck(decoder, (points, codes))


@pytest.mark.parametrize("activation", ["relu", "silu", "softplus"])
def test_it_starts_as_a_sphere(activation):
    torch.manual_seed(3)
    settings = Decoder(width=512, depth=4, latent_size=16, skip_layers=(2,))
    decoder = ImplicitDecoder(settings, activation)
    points = torch.rand(4, 500, 3) * 2 - 1
    distances = decoder(points, torch.randn(4, 16))
    sphere = points.norm(dim=-1) - 0.5
    assert (distances - sphere).abs().mean() < 0.15
    correlation = np.corrcoef(distances.detach().numpy().ravel(), sphere.numpy().ravel())[0, 1]
    assert correlation > 0.9


def test_sine_layers_start_with_values_of_siren_s_spread():
    decoder = make("sine", width=256, sine_frequency=30.0)
    seen = []
    decoder.output.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    decoder(*inputs(4, 500))
    assert 0.6 < float(seen[0].std()) < 0.8  # of sin of a wide distribution: 1 / sqrt 2


def test_every_shape_is_computed_by_itself():
    decoder = make("relu")
    points, codes = inputs()
    together = decoder(points, codes)
    for i in range(len(points)):
        alone = decoder(points[i : i + 1], codes[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-5, atol=1e-6)


def test_tanh_bounds_the_output():
    bounded, free = make("relu", tanh_output=True), make("relu")
    points, codes = inputs()
    torch.testing.assert_close(bounded(10 * points, codes), torch.tanh(free(10 * points, codes)))


def test_dropout_acts_in_training_only():
    decoder = make("relu", dropout=0.5)
    points, codes = inputs()
    assert not torch.equal(decoder(points, codes), decoder(points, codes))
    decoder.eval()
    assert torch.equal(decoder(points, codes), decoder(points, codes))


@pytest.mark.parametrize("layer", [4, 9])
def test_a_skip_layer_that_does_not_exist_is_named(layer):
    with pytest.raises(ValueError, match=rf"skip_layers: \[{layer}\].*1 to 3"):
        make("relu", skip_layers=(layer,))


def test_with_a_narrow_skip_layers_have_the_published_sizes():
    published = Decoder(
        width=512, depth=8, latent_size=256, skip_layers=(4,), narrow_skip=True, weight_norm=False
    )
    with torch.device("meta"):
        decoder = ImplicitDecoder(published)
    sizes = [(layer.out_features, layer.in_features) for layer in decoder.hidden]
    assert sizes == [(512, 512), (512, 512), (253, 512), (512, 253), *[(512, 512)] * 3]
    joined = 259 * 512 + 2 * 512 * 512 + 512 * 253 + 4 * 512 * 512 + 512
    biases = 7 * 512 + 253 + 1
    assert sum(p.numel() for p in decoder.parameters()) == joined + biases


def test_a_narrow_skip_without_room_is_refused():
    with pytest.raises(ValueError, match=r"latent_size \+ 3 = 8 leaves nothing of width 8"):
        make("relu", width=8, narrow_skip=True)


@pytest.mark.parametrize("form", [(301, 203), (7,), (0, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_dropout_keeps_the_mean_and_leaves_the_given_share_out(form, dtype):
    torch.manual_seed(0)
    found = dropped(torch.ones(form, dtype=dtype), 0.2)
    assert found.shape == form and found.dtype == dtype
    assert set(found.flatten().tolist()) <= {0.0, float(torch.tensor(1 / 0.8, dtype=dtype))}
    if found.numel() > 1000:
        assert float((found == 0).float().mean()) == pytest.approx(0.2, abs=0.008)  # 5 deviations
    torch.manual_seed(0)
    assert torch.equal(found, dropped(torch.ones(form, dtype=dtype), 0.2))


def test_dropout_s_gradient_goes_where_its_values_do():
    values = torch.ones(50, 4, requires_grad=True)
    kept = dropped(values, 0.5)
    kept.sum().backward()
    assert torch.equal(values.grad, kept.detach())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_mirrored_decoder_sees_no_left_and_right(activation):
    decoder, free = make(activation, mirrored=True), make(activation)
    points, codes = inputs()
    there, back = decoder(points, codes), decoder(points * torch.tensor([-1.0, 1, 1]), codes)
    assert torch.equal(there, back)
    right = points[..., 0] > 0
    torch.testing.assert_close(there[right], free(points, codes)[right])
    assert not torch.allclose(there[~right], free(points, codes)[~right])
