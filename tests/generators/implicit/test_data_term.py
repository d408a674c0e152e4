"""Micro-batches, precision and compilation of the data term."""

import pytest
import torch
from test_shape_generator import DECODER, VARIANT, spheres, train, with_training

from toposhape.generators import ImplicitDecoder, VariationalCodes
from toposhape.generators.implicit.data_term import data_term
from toposhape.generators.implicit.regularisation import regularise
from toposhape.generators.implicit.store import load_generator
from toposhape.settings.implicit import Decoder, Regularisation, ShapeTraining

SMALL = Decoder(width=24, depth=4, latent_size=3, skip_layers=(2,))


def gradients(settings: ShapeTraining, shapes=7, share=slice(None), decoder=SMALL, weight=1.0):
    """Value and gradients of a data term and of what else hangs on the codes, in float64."""
    torch.manual_seed(0)
    network = ImplicitDecoder(decoder, "silu").double()
    codes = VariationalCodes(9, 3, generator=torch.Generator().manual_seed(1)).double()
    draw = torch.Generator().manual_seed(2)
    points = torch.rand(shapes, 11, 3, generator=draw, dtype=torch.float64) * 2 - 1
    distances = torch.randn(shapes, 11, generator=draw, dtype=torch.float64)
    noise = torch.randn(shapes, 3, generator=draw, dtype=torch.float64)
    batch = torch.randperm(9, generator=draw)[:shapes]
    z = codes.at(batch[share], noise[share])
    fit = data_term(
        network, z, points[share], distances[share], settings, shapes=shapes, weight=weight
    )
    (weight * fit + 0.1 * z.square().sum()).backward()
    return [fit.detach(), *(p.grad for p in (*network.parameters(), *codes.parameters()))]


@pytest.mark.parametrize("clamp", [None, 0.3])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("weight", [1.0, 0.1, 3.0])
def test_micro_batches_give_the_gradients_of_the_whole_batch(size, clamp, weight):
    whole = gradients(ShapeTraining(clamp=clamp), weight=weight)
    parts = gradients(ShapeTraining(clamp=clamp, shapes_per_micro_batch=size), weight=weight)
    for ours, expected in zip(parts, whole, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-14)


def test_shares_of_processes_sum_to_the_whole_batch():
    whole = gradients(ShapeTraining())
    shares = [gradients(ShapeTraining(), share=s) for s in (slice(0, 3), slice(3, 3), slice(3, 7))]
    for parts, expected in zip(zip(*shares, strict=True), whole, strict=True):
        found = sum(torch.zeros_like(expected) if p is None else p for p in parts)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


def regulariser_gradients(size: int | None, lambda_s: float) -> list[torch.Tensor]:
    torch.manual_seed(0)
    network = ImplicitDecoder(SMALL, "silu").double()
    draw = torch.Generator().manual_seed(2)
    points = torch.rand(5, 11, 3, generator=draw, dtype=torch.float64) * 2 - 1
    synthetic = torch.randn(5, 3, generator=draw, dtype=torch.float64), points
    settings = ShapeTraining(regularised_shapes=5, shapes_per_micro_batch=size)
    regularisation = Regularisation(weight=0.3, eikonal_power=2)
    eikonal, divergence = regularise(network, synthetic, settings, regularisation, lambda_s)
    (0.3 * eikonal + 0.3 * lambda_s * divergence).backward()
    values = [eikonal.detach(), divergence.detach()]
    return values + [p.grad for p in network.parameters() if p.grad is not None]


@pytest.mark.parametrize("lambda_s", [0.0, 0.5])
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_micro_batches_give_the_regulariser_s_gradients(size, lambda_s):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        whole, parts = (regulariser_gradients(s, lambda_s) for s in (None, size))
    finally:
        torch.set_default_dtype(before)
    assert len(parts) == len(whole) > 6
    for ours, expected in zip(parts, whole, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-14)


def test_only_one_micro_batch_is_in_memory():
    alive = []

    class Counting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values):
            alive.append(1)
            return values.clone()

        @staticmethod
        def backward(ctx, gradient):
            alive.pop()
            return gradient

    class Watched(torch.nn.Module):
        def forward(self, points, codes, dtype):
            assert len(alive) == 0
            return Counting.apply(points.sum(dim=-1) * codes.sum(dim=-1, keepdim=True))

    codes = torch.ones(6, 2, requires_grad=True)
    points, distances = torch.ones(6, 5, 3), torch.zeros(6, 5)
    fit = data_term(Watched(), codes, points, distances, ShapeTraining(shapes_per_micro_batch=2))
    assert float(fit.detach()) == pytest.approx(6)
    assert len(alive) == 1  # the last one's graph waits for the other terms
    fit.backward()
    torch.testing.assert_close(codes.grad, torch.full((6, 2), 0.5))


def test_a_training_in_micro_batches_ends_in_nearly_the_same_weights(tmp_path):
    settings = with_training(max_epochs=3)
    settings = settings.model_copy(update={"decoder": DECODER.model_copy(update={"dropout": 0.0})})
    parts = settings.training.model_copy(update={"shapes_per_micro_batch": 1})
    whole = load_generator(train(tmp_path / "a", settings) / "generator.safetensors")
    other = settings.model_copy(update={"training": parts})
    micro = load_generator(train(tmp_path / "b", other) / "generator.safetensors")
    for ours, expected in zip(
        (*micro.decoder.parameters(), *micro.codes.parameters()),
        (*whole.decoder.parameters(), *whole.codes.parameters()),
        strict=True,
    ):
        torch.testing.assert_close(ours, expected, rtol=1e-3, atol=1e-4)


def test_bfloat16_is_near_and_keeps_coordinates_and_weights():
    torch.manual_seed(0)
    network = ImplicitDecoder(SMALL, "relu")
    points, codes = torch.rand(3, 200, 3) * 2 - 1, torch.randn(3, 3)
    exact = network(points, codes)
    rough = network(points, codes, torch.bfloat16)
    assert rough.dtype == torch.float32
    assert 0 < (rough - exact).abs().max() < 0.02
    nearer = network(points.bfloat16().float(), codes, torch.bfloat16)
    assert (nearer - rough).abs().max() > 0  # coordinates are not rounded
    rough.abs().mean().backward()
    assert all(p.grad.dtype == torch.float32 for p in network.parameters())


def test_bfloat16_learns_as_well(tmp_path):
    losses = {}
    for precision in ("float32", "bfloat16"):
        settings = with_training(max_epochs=25, precision=precision)
        folder = train(tmp_path / precision, settings, samples=spheres())
        last = (folder / "history.csv").read_text().splitlines()
        losses[precision] = float(last[-1].split(",")[last[0].split(",").index("validation")])
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.15)
    assert losses["bfloat16"] != losses["float32"]


@pytest.mark.slow  # a C++ compiler is called
def test_a_compiled_network_gives_the_same_gradients(tmp_path):
    for size in (None, 3):
        whole = gradients(ShapeTraining(shapes_per_micro_batch=size))
        fast = gradients(ShapeTraining(shapes_per_micro_batch=size, compiled=True))
        for ours, expected in zip(fast, whole, strict=True):
            torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-12)
    trained = train(tmp_path, with_training(max_epochs=2, compiled=True), VARIANT)
    assert load_generator(trained / "generator.safetensors").codes.means.isfinite().all()
