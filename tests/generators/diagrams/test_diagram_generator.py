"""The diagram generator against reading 7, point by point in numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from toposhape.generators import DiagramGenerator, generated_diagrams
from toposhape.settings.diagrams import DiagramNetwork

SIZES = (3, 5, 0)
LATENT_SIZE = 2
RECTIFIERS = ("relu", "softplus", "straight_through")


def network(rectifier="straight_through", sizes=SIZES, seed=0) -> DiagramGenerator:
    """A generator in float64 whose places are spread on both sides of the diagonal."""
    torch.manual_seed(seed)
    small = DiagramNetwork(embedding_size=4, width=6, rectifier=rectifier)
    generator = DiagramGenerator(sizes, LATENT_SIZE, small).double()
    with torch.no_grad():
        for decoder in generator.degrees:
            decoder.places.normal_(std=0.2)
            decoder.displacement.weight *= 20
    return generator


def random_codes(count: int, seed: int = 1) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(count, LATENT_SIZE, generator=source, dtype=torch.float64)


def apply_layers(weights: dict, prefix: str, values: np.ndarray) -> np.ndarray:
    """Two affine layers, each followed by ReLU."""
    for layer in (0, 2):
        weight, bias = weights[f"{prefix}.{layer}.weight"], weights[f"{prefix}.{layer}.bias"]
        values = np.maximum(weight @ values + bias, 0)
    return values


def slow_diagram(generator: DiagramGenerator, degree: int, code: np.ndarray) -> np.ndarray:
    """Reading 7: embedding with z, shared network, max-pool, joined again, shared network, R."""
    weights = {k: v.numpy() for k, v in generator.degrees[degree].state_dict().items()}
    features = [
        apply_layers(weights, "local", np.concatenate([embedding, code]))
        for embedding in weights["embeddings"]
    ]
    points = []
    for feature, place in zip(features, weights["places"], strict=True):
        joined = np.concatenate([feature, np.max(features, axis=0)])
        hidden = apply_layers(weights, "joined", joined)
        moved = weights["displacement.weight"] @ hidden + weights["displacement.bias"]
        death, height = place + moved
        if generator.settings.rectifier == "softplus":
            height = np.logaddexp(0, 100 * height) / 100
        points.append((death, death + max(height, 0)))
    return np.array(points).reshape(-1, 2)


@pytest.mark.parametrize("rectifier", RECTIFIERS)
def test_forward_is_reading_7(rectifier):
    generator, codes = network(rectifier), random_codes(4)
    for degree, points in enumerate(generator(codes)):
        assert points.shape == (4, SIZES[degree], 2)
        for found, code in zip(points.detach().numpy(), codes.numpy(), strict=True):
            np.testing.assert_allclose(found, slow_diagram(generator, degree, code), atol=1e-12)


def test_some_points_of_these_tests_are_alive_and_some_are_not():
    heights = [points[..., 1] - points[..., 0] for points in network()(random_codes(4))]
    alive = torch.cat([height.flatten() for height in heights]) > 0
    assert 0 < int(alive.sum()) < len(alive)


@pytest.mark.parametrize(
    ("rectifier", "above", "below"),
    [("relu", 1.0, 0.0), ("straight_through", 1.0, 0.1), ("softplus", 1.0, 0.0)],
)
def test_rectifiers_and_their_gradients(rectifier, above, below):
    raw = torch.tensor([[[0.2, 0.7], [0.2, -0.7]]], dtype=torch.float64, requires_grad=True)
    points = network(rectifier)._rectify(raw)
    expected = torch.tensor([[[0.2, 0.9], [0.2, 0.2]]], dtype=torch.float64)
    torch.testing.assert_close(points, expected)
    (gradient,) = torch.autograd.grad(points[..., 1].sum(), raw)
    assert gradient[..., 0].tolist() == [[1, 1]]
    assert gradient[..., 1].flatten().tolist() == pytest.approx([above, below])


def test_softplus_cannot_die():
    raw = torch.tensor([[[0.2, -0.05]]], dtype=torch.float64, requires_grad=True)
    points = network("softplus")._rectify(raw)
    (gradient,) = torch.autograd.grad(points[0, 0, 1], raw)
    assert points[0, 0, 1] > points[0, 0, 0]
    assert float(gradient[0, 0, 1]) == pytest.approx(1 / (1 + np.exp(5)))


@pytest.mark.parametrize(
    "generator", [network(kind).float() for kind in RECTIFIERS], ids=RECTIFIERS
)
@settings(max_examples=50)
@given(code=arrays(np.float32, LATENT_SIZE, elements=st.floats(-50, 50, width=32)))
def test_nothing_is_born_below_its_death(generator, code):
    for points in generator(torch.from_numpy(code)[None]):
        assert (points[..., 0] <= points[..., 1]).all()


def test_a_degree_without_points():
    generator = network(sizes=(0, 0, 2))
    empty, _, full = generator(random_codes(3))
    assert empty.shape == (3, 0, 2)
    full.sum().backward()
    assert generator.degrees[2].places.grad.any()
    diagrams = generated_diagrams(generator, random_codes(3), 0.0)
    assert [diagram[0].shape for diagram in diagrams] == [(0, 2)] * 3


def test_points_start_at_points_of_given_diagrams():
    rng = np.random.default_rng(0)
    shapes = [[np.sort(rng.random((n, 2)), axis=1) for n in (2, 3, 1)] for _ in range(4)]
    generator = network(sizes=(20, 20, 20)).float()
    generator.place(shapes, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for decoder in generator.degrees:
            decoder.displacement.weight.zero_()
    for degree, points in enumerate(generator(random_codes(2).float())):
        pool = np.concatenate([shape[degree] for shape in shapes])
        apart = np.abs(points.detach().numpy()[:, :, None] - pool).max(axis=-1)
        assert apart.min(axis=2).max() < 1e-6  # each is some given point
        assert len(np.unique(apart.argmin(axis=2))) > 1  # not all the same one
        assert (points[..., 1] > points[..., 0]).all()


def test_the_draw_of_places_is_the_seed_s_and_an_empty_degree_keeps_its_places():
    shapes = [[np.array([[0.1, 0.3], [0.2, 0.6], [0.0, 0.5]]), np.zeros((0, 2)), np.zeros((0, 2))]]
    generators = [network(sizes=(8, 4, 0)) for _ in range(3)]
    before = generators[0].degrees[1].places.clone()
    for generator, seed in zip(generators, (3, 3, 4), strict=True):
        generator.place(shapes, torch.Generator().manual_seed(seed))
    first, same, other = (generator.degrees[0].places for generator in generators)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert torch.equal(generators[0].degrees[1].places, before)


def test_a_new_generator_stays_near_its_places():
    torch.manual_seed(0)
    generator = DiagramGenerator((30, 0, 0), 12, DiagramNetwork())
    points = generator(torch.randn(64, 12))[0]
    assert points.detach().abs().mean() < 0.05
    assert points.detach().std(dim=0).mean() > 1e-4  # yet z moves them


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_points_below_the_threshold_are_left_out(threshold):
    generator, codes = network(), random_codes(6)
    made = generator(codes)
    diagrams = generated_diagrams(generator, codes, threshold)
    assert len(diagrams) == 6
    for i, diagram in enumerate(diagrams):
        for points, kept in zip(made, diagram, strict=True):
            every = [p for p in points[i].tolist() if p[1] > p[0] and p[1] - p[0] >= threshold]
            assert kept.tolist() == every


def test_one_generator_makes_diagrams_of_several_sizes():
    diagrams = generated_diagrams(network(), random_codes(64), 0.0)
    assert len({len(diagram[1]) for diagram in diagrams}) > 1


def test_a_point_is_what_its_embedding_and_the_code_say():
    generator, codes = network(), random_codes(5)
    decoder = generator.degrees[1]
    with torch.no_grad():
        before = generator(codes)[1]
        order = torch.tensor([3, 0, 4, 2, 1])
        decoder.embeddings.copy_(decoder.embeddings[order])
        decoder.places.copy_(decoder.places[order])
        torch.testing.assert_close(generator(codes)[1], before[:, order])
        alone = torch.cat([generator(code[None])[1] for code in codes])
        torch.testing.assert_close(alone, before[:, order])
    assert before[:, :, 0].std(dim=0).min() > 0  # every point moves with z


def test_points_know_of_each_other():
    generator, codes = network(), random_codes(1)
    decoder = generator.degrees[1]
    (gradient,) = torch.autograd.grad(generator(codes)[1][0, 0].sum(), decoder.embeddings)
    assert gradient[0].any()
    assert gradient[1:].any()
