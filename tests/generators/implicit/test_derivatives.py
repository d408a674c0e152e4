import pytest
import torch
from torch.func import hessian, jacrev, vmap

from toposhape.generators import ImplicitDecoder, directional_divergence, gradient
from toposhape.settings.implicit import Decoder

SETTINGS = Decoder(width=16, depth=3, latent_size=2, skip_layers=(1,), sine_frequency=3)


def make(activation: str) -> tuple[ImplicitDecoder, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    decoder = ImplicitDecoder(SETTINGS.model_copy(update={"sharpness": 4.0}), activation)
    points = (torch.rand(2, 5, 3) * 2 - 1).double().requires_grad_()
    return decoder.double(), points, torch.randn(2, 2).double()


@pytest.mark.parametrize("activation", ["silu", "softplus", "sine"])
def test_against_explicit_jacobians_and_hessians(activation):
    decoder, points, codes = make(activation)

    def value(point, code):
        return decoder(point[None, None], code[None])[0, 0]

    per_point = vmap(vmap(jacrev(value), (0, None)))
    slopes = gradient(decoder, points, codes)
    torch.testing.assert_close(slopes, per_point(points, codes))

    curvatures = vmap(vmap(hessian(value), (0, None)))(points, codes)
    bent = torch.einsum("bpi,bpij,bpj->bp", slopes, curvatures, slopes)
    expected = bent / (slopes.square().sum(-1) + 1e-6)
    assert expected.abs().max() > 1e-3
    torch.testing.assert_close(directional_divergence(slopes, points), expected)


def test_both_can_be_trained_through():
    decoder, points, codes = make("sine")

    def objective(weight):
        values = {"output.weight": weight}
        changed = lambda x, z: torch.func.functional_call(decoder, values, (x, z))  # noqa: E731
        slopes = gradient(changed, points, codes)
        return (directional_divergence(slopes, points) + slopes.sum(-1)).sum()

    weight = decoder.output.weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(objective, (weight,))


def test_a_distance_to_a_sphere_is_straight_along_its_gradient():
    points = (torch.rand(1, 50, 3).double() * 2 - 1).requires_grad_()
    slopes = gradient(lambda x, _: x.norm(dim=-1) - 0.5, points, torch.zeros(1, 0))
    torch.testing.assert_close(slopes.norm(dim=-1), torch.ones(1, 50).double())
    assert directional_divergence(slopes, points).abs().max() < 1e-12
