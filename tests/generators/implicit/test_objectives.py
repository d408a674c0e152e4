import numpy as np
import pytest
import torch

from toposhape.generators import ImplicitDecoder
from toposhape.generators.implicit.objectives import data_loss, eikonal_loss, geometric_regulariser
from toposhape.settings.implicit import Decoder


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("clamp", [None, 0.1])
def test_data_loss_is_the_mean_distance(clamp):
    predicted, distances = 0.2 * random(3, 7), 0.2 * random(3, 7, seed=1)
    total = 0.0
    for p, d in zip(predicted.flatten().tolist(), distances.flatten().tolist(), strict=True):
        if clamp is not None:
            p, d = min(max(p, -clamp), clamp), min(max(d, -clamp), clamp)
        total += abs(p - d)
    assert float(data_loss(predicted, distances, clamp)) == pytest.approx(total / 21)


def test_data_loss_of_the_clamped_part_has_no_gradient():
    predicted = torch.tensor([[0.5, 0.05]], requires_grad=True)
    data_loss(predicted, torch.tensor([[0.04, 0.02]]), 0.1).backward()
    assert predicted.grad.tolist() == [[0.0, 0.5]]


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_eikonal_loss_is_equation_5(power):
    slopes = random(2, 5, 3)
    each = [abs(np.linalg.norm(s) - 1) ** power for s in slopes.view(-1, 3).numpy()]
    assert float(eikonal_loss(slopes, power)) == pytest.approx(np.mean(each))
    assert torch.autograd.gradcheck(lambda s: eikonal_loss(s, power), slopes.requires_grad_())


@pytest.mark.parametrize("activation", ["silu", "softplus", "sine"])
def test_regulariser_against_differences_of_the_field(activation):
    settings = Decoder(
        width=16, depth=3, latent_size=2, skip_layers=(1,), sine_frequency=3, sharpness=4
    )
    torch.manual_seed(0)
    decoder = ImplicitDecoder(settings, activation).double()
    points, codes = random(2, 4, 3), random(2, 2, seed=1)
    eikonal, divergence = geometric_regulariser(decoder, points, codes)

    def value(x: np.ndarray, shape: int) -> float:
        with torch.no_grad():
            return float(decoder(torch.from_numpy(x)[None, None], codes[shape][None])[0, 0])

    step, lengths, bends = 1e-4, [], []
    for shape in range(2):
        for x in points[shape].numpy():
            along = np.eye(3) * step
            slope = [(value(x + e, shape) - value(x - e, shape)) / (2 * step) for e in along]
            length = np.linalg.norm(slope)
            move = np.array(slope) / length * step
            bend = value(x + move, shape) - 2 * value(x, shape) + value(x - move, shape)
            lengths.append(abs(length - 1))
            bends.append(abs(bend / step**2) * length**2 / (length**2 + 1e-6))
    assert float(eikonal.detach()) == pytest.approx(np.mean(lengths), rel=1e-6)
    assert float(divergence.detach()) == pytest.approx(np.mean(bends), rel=1e-4)


def test_regulariser_trains_every_weight_that_shapes_the_field():
    torch.manual_seed(0)
    decoder = ImplicitDecoder(Decoder(width=16, depth=3, latent_size=2, skip_layers=(1,)), "sine")
    eikonal, divergence = geometric_regulariser(
        decoder, torch.rand(2, 4, 3), torch.randn(2, 2), eikonal_power=2
    )
    (eikonal + divergence).backward()
    untouched = [n for n, w in decoder.named_parameters() if w.grad is None or not w.grad.any()]
    assert untouched == ["output.bias"]


def test_the_divergence_can_be_left_out():
    decoder = ImplicitDecoder(Decoder(width=16, depth=3, latent_size=2, skip_layers=()), "relu")
    points, codes = torch.rand(2, 4, 3), torch.randn(2, 2)
    with_it = geometric_regulariser(decoder, points, codes)
    without = geometric_regulariser(decoder, points, codes, with_divergence=False)
    assert float(with_it[0].detach()) == float(without[0].detach())
    assert float(without[1]) == 0
