import numpy as np
import pytest
import torch

from toposhape.generators import (
    ImplicitDecoder,
    VariationalCodes,
    evaluate_on_grid,
    lipschitz_bound,
)
from toposhape.generators.implicit.state import ShapeTrainingState
from toposhape.generators.implicit.store import load_generator, save_generator
from toposhape.settings.implicit import Decoder, ShapeGenerator, Variant

SMALL = Decoder(width=24, depth=4, latent_size=5, skip_layers=(2,), sharpness=10)
ACTIVATIONS = ("relu", "silu", "softplus", "sine")


def make(activation: str = "relu", lipschitz: bool = True, **changes) -> ImplicitDecoder:
    torch.manual_seed(0)
    return ImplicitDecoder(SMALL.model_copy(update=changes), activation, lipschitz=lipschitz)


def tightened(decoder: ImplicitDecoder, factor: float) -> ImplicitDecoder:
    """The same decoder with bounds that are smaller by a factor."""
    with torch.no_grad():
        for layer in decoder.bounds:
            layer.c.copy_((factor * layer.bound()).expm1().log())
    return decoder


def row_sums(*weights: torch.Tensor) -> np.ndarray:
    return sum(np.abs(weight.detach().numpy()).sum(axis=1) for weight in weights)


def layers(decoder: ImplicitDecoder) -> list[tuple[torch.Tensor, ...]]:
    """The parts of every layer's matrix, in the order of the network."""
    first, again = decoder.inputs["0"], decoder.inputs["2"]
    one, two, three = (layer.weight for layer in decoder.hidden)
    return [
        (first.point.weight, first.code.weight),
        (one,),
        (two, again.point.weight, again.code.weight),
        (three,),
        (decoder.output.weight,),
    ]


def inputs(count: int = 200) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(1)
    points = torch.rand(count, 1, 3, generator=random) * 2 - 1
    return points, torch.randn(count, 5, generator=random)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_at_first_the_bounds_are_the_layers_norms_and_the_decoder_is_the_free_one(activation):
    free, bounded = make(activation, lipschitz=False), make(activation)
    expected = [row_sums(*parts).max() for parts in layers(free)]
    bounds = [layer.bound().item() for layer in bounded.bounds]
    np.testing.assert_allclose(bounds, expected, rtol=1e-5)
    torch.testing.assert_close(bounded(*inputs()), free(*inputs()))


def test_no_row_of_any_layer_exceeds_its_bound_and_shorter_rows_stay_as_they_are():
    free, bounded = make(lipschitz=False), tightened(make(), 0.8)
    for parts, free_parts, layer in zip(layers(bounded), layers(free), bounded.bounds, strict=True):
        bound, sums = layer.bound().item(), row_sums(*free_parts)
        np.testing.assert_allclose(row_sums(*parts), np.minimum(sums, bound), rtol=1e-5)
        for part, free_part in zip(parts, free_parts, strict=True):
            torch.testing.assert_close(part[sums < bound], free_part[sums < bound])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("factor", [0.03, 0.4, 1.0])
def test_the_decoder_changes_by_no_more_than_the_bound_times_its_input(activation, factor):
    decoder = tightened(make(activation), factor).double()
    points, codes = (values.double() for values in inputs())
    random = torch.Generator().manual_seed(2)
    step_x = 1e-3 * torch.randn(points.shape, generator=random, dtype=torch.double)
    step_z = 1e-3 * torch.randn(codes.shape, generator=random, dtype=torch.double)
    change = (decoder(points + step_x, codes + step_z) - decoder(points, codes)).abs().flatten()
    step = torch.maximum(step_x.abs().amax(dim=(1, 2)), step_z.abs().amax(dim=1))
    assert (change > 0).any()
    assert (change <= lipschitz_bound(decoder) * step).all()


def test_a_network_of_positive_weights_reaches_the_bound():
    decoder = make(skip_layers=())
    with torch.no_grad():
        for weight in decoder.parameters():
            weight.abs_().add_(1)
        for layer in decoder.bounds:  # far below every row's sum: all rows are scaled to it
            layer.c.fill_(np.log(np.expm1(0.5)))
    points, codes = torch.ones(1, 1, 3), torch.ones(1, 5)
    change = decoder(points + 0.1, codes + 0.1) - decoder(points, codes)
    np.testing.assert_allclose(change.item() / 0.1, 0.5**5, rtol=1e-4)
    np.testing.assert_allclose(lipschitz_bound(decoder).item(), 0.5**5, rtol=1e-5)


@pytest.mark.parametrize(("activation", "slope"), [("relu", 1), ("sine", 1), ("silu", 1.0999)])
def test_the_bound_is_the_product_of_softplus_c(activation, slope):
    decoder = make(activation)
    c = np.array([float(layer.c.detach()) for layer in decoder.bounds])
    expected = np.prod(np.log1p(np.exp(c))) * slope**4
    np.testing.assert_allclose(lipschitz_bound(decoder).item(), expected, rtol=1e-5)


def test_layers_before_a_skip_layer_that_contract_do_not_hide_what_it_sees_again():
    decoder = make()
    with torch.no_grad():
        for layer, bound in zip(decoder.bounds, (0.1, 0.1, 3.0, 2.0, 0.5), strict=True):
            layer.c.fill_(np.log(np.expm1(bound)))
    np.testing.assert_allclose(lipschitz_bound(decoder).item(), 3.0 * 2.0 * 0.5, rtol=1e-5)


def test_silu_is_never_steeper_than_it_is_said_to_be():
    from toposhape.generators.implicit.lipschitz import STEEPEST

    x = torch.linspace(-10, 10, 100_001, dtype=torch.double, requires_grad=True)
    torch.nn.functional.silu(x).sum().backward()
    assert STEEPEST["silu"] - 1e-3 < float(x.grad.max()) <= STEEPEST["silu"]


def test_data_pulls_a_bound_that_is_too_small_and_the_product_lowers_every_c():
    decoder = tightened(make(), 0.5)
    offset = decoder.output.bias
    target = (5 * (decoder(*inputs()) - offset) + offset).detach()
    ((decoder(*inputs()) - target) ** 2).mean().backward()
    assert float(decoder.bounds[-1].c.grad) < 0  # a step down the gradient raises c
    assert all(weight.grad is not None for weight in decoder.parameters())
    decoder.zero_grad()
    lipschitz_bound(decoder).backward()
    assert all(float(layer.c.grad) > 0 for layer in decoder.bounds)


def test_gradients_agree_with_finite_differences():
    decoder = tightened(make("silu", width=8, depth=3), 0.7).double()
    points, codes = (values.double() for values in inputs(20))
    decoder(points, codes).sum().backward()
    for layer in decoder.bounds:
        before = float(layer.c.detach())
        sums = []
        for c in (before - 1e-6, before + 1e-6, before):
            layer.c.data.fill_(c)
            sums.append(float(decoder(points, codes).sum().detach()))
        slope = (sums[1] - sums[0]) / 2e-6
        np.testing.assert_allclose(float(layer.c.grad), slope, rtol=1e-4, atol=1e-6)


def test_it_survives_saving_and_loading_and_fields_on_grids_see_its_bounds(tmp_path):
    decoder = tightened(make(), 0.6).eval()
    path = tmp_path / "generator.safetensors"
    metadata = {
        "decoder": SMALL.model_dump(mode="json"),
        "activation": "relu",
        "variant": {"lipschitz_weight": 1e-6},
        "shapes": ["a", "b"],
    }
    save_generator(path, path.with_suffix(".json"), decoder, VariationalCodes(2, 5), metadata)
    loaded = load_generator(path).decoder
    points, codes = inputs()
    assert torch.equal(loaded(points, codes), decoder(points, codes))
    field = evaluate_on_grid(loaded, codes[:1], 8)[0]
    corner = decoder(torch.full((1, 1, 3), -1.0), codes[:1])
    np.testing.assert_allclose(field[0, 0, 0], corner.item(), rtol=1e-4)


def test_training_moves_the_bounds_and_a_checkpoint_holds_them():
    def start(seed: int) -> ShapeTrainingState:
        settings, variant = ShapeGenerator(decoder=SMALL), Variant(lipschitz_weight=1e-6)
        return ShapeTrainingState(settings, variant, (3, 2), (seed,), torch.device("cpu"))

    trained, other = start(0), start(1)
    before = lipschitz_bound(trained.decoder).item()
    trained.step(lipschitz_bound(trained.decoder))
    after = lipschitz_bound(trained.decoder).item()
    assert after < before
    other.restore(trained.checkpoint())
    assert lipschitz_bound(other.decoder).item() == after
    assert torch.equal(other.decoder(*inputs()), trained.decoder(*inputs()))


def test_free_layers_have_no_bound():
    with pytest.raises(ValueError, match="layers are free"):
        lipschitz_bound(make(lipschitz=False))
