"""Micro-batches and precision of both stages of 3DShape2VecSet."""

from dataclasses import replace

import pytest
import torch
from test_vector_set_training import (
    AUTOENCODER,
    AUTOENCODER_TRAINING,
    DENOISER,
    DIFFUSION_TRAINING,
    rows_without_time,
    sources,
    train_first,
    train_second,
)

from toposhape.generators.batch import Batch
from toposhape.generators.stage import StageState
from toposhape.generators.vector_sets import autoencoder_training as vector_set_autoencoder
from toposhape.generators.vector_sets import diffusion_training as vector_set_diffusion
from toposhape.generators.vector_sets.attention import layer_matrices
from toposhape.generators.vector_sets.autoencoder import VectorSetAutoencoder
from toposhape.generators.vector_sets.autoencoder_training import occupancy_terms
from toposhape.generators.vector_sets.diffusion import LatentDenoiser
from toposhape.generators.vector_sets.diffusion_training import LatentSets
from toposhape.generators.vector_sets.store import load_autoencoder, load_denoiser
from toposhape.learning.prefetch import Prefetched


def doubled(batch: Batch) -> Batch:
    return batch._each(lambda values: values.double() if values.is_floating_point() else values)


def autoencoder_step(size: int | None, queries: str) -> list[torch.Tensor]:
    """Terms, norm and gradients of a step with seven shapes, in float64."""
    torch.manual_seed(0)
    settings = AUTOENCODER.model_copy(update={"queries": queries})
    training = AUTOENCODER_TRAINING.model_copy(update={"shapes_per_micro_batch": size})
    network = VectorSetAutoencoder(settings).double()
    state = StageState(network, training, layer_matrices(network))
    batch = sources().training.draw(range(7), training, torch.Generator().manual_seed(1))
    batch = doubled(replace(batch, noise=torch.randn(7, 4, 2)))
    terms_of = lambda b: occupancy_terms(state.network, b, training)  # noqa: E731
    found = state.step(batch, terms_of, (1.0, 0.3, 0.2))
    return [found, *(p.grad for p in state.network.parameters() if p.grad is not None)]


def diffusion_step(size: int | None, rows: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    training = DIFFUSION_TRAINING.model_copy(update={"shapes_per_micro_batch": size})
    sets = LatentSets(*torch.randn(2, 3, 7, 4, 2, dtype=torch.float64))
    network = LatentDenoiser(DENOISER, torch.zeros(rows, 2), torch.ones(rows, 2), 4).double()
    for weight in network.parameters():  # some begin as zeros
        torch.nn.init.normal_(weight, std=0.2)
    state = StageState(network, training, layer_matrices(network), training.averaging)
    batch = doubled(sets.draw(torch.arange(7), training, torch.Generator().manual_seed(1)))
    terms_of = lambda b: vector_set_diffusion._terms(network, network, sets, b)  # noqa: E731
    found = state.step(batch, terms_of, (1.0,))
    return [found, state.evaluate(batch, terms_of), *(p.grad for p in network.parameters())]


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (autoencoder_step, "learned"),
        (autoencoder_step, "points"),
        (diffusion_step, 1),
        (diffusion_step, 4),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_micro_batches_give_the_gradients_of_the_whole_batch(step, kind, size):
    for ours, expected in zip(step(size, kind), step(None, kind), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-14)


def test_only_one_micro_batch_is_in_memory():
    alive, sizes = [], []

    class Counting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values):
            alive.append(1)
            return values.clone()

        @staticmethod
        def backward(ctx, gradient):
            alive.pop()
            return gradient

    def terms_of(batch):
        assert not alive
        sizes.append(len(batch))
        return Counting.apply(network.weight.sum() * batch.surface.mean())[None]

    network = torch.nn.Linear(2, 1)
    training = AUTOENCODER_TRAINING.model_copy(update={"shapes_per_micro_batch": 3})
    batch = sources().training.draw(range(8), training, torch.Generator().manual_seed(1))
    StageState(network, training, layer_matrices(network)).step(batch, terms_of, (1.0,))
    assert sizes == [3, 3, 2]


def test_a_training_in_micro_batches_ends_in_nearly_the_same_weights(tmp_path):
    for name, size in (("whole", None), ("parts", 3)):
        folder = train_first(tmp_path / name, epochs=2, shapes_per_micro_batch=size)
        train_second(folder, tmp_path / "whole", epochs=2, shapes_per_micro_batch=size)
    for load, file in ((load_autoencoder, "autoencoder"), (load_denoiser, "generator")):
        whole, parts = (
            load(tmp_path / name / f"{file}.safetensors").network for name in ("whole", "parts")
        )
        for ours, expected in zip(parts.parameters(), whole.parameters(), strict=True):
            torch.testing.assert_close(ours, expected, rtol=1e-3, atol=1e-4)
        assert not all(map(torch.equal, parts.parameters(), whole.parameters()))


def test_bfloat16_learns_as_well_and_keeps_coordinates_and_weights(tmp_path):
    whole = train_second(train_first(tmp_path / "whole"), tmp_path / "whole")
    first = train_first(tmp_path, precision="bfloat16")
    second = train_second(tmp_path, whole, precision="bfloat16")
    for folder, file, rough in ((first, "autoencoder", 0.1), (second, "history", 0.15)):
        exact, ours = (rows_without_time(f / f"{file}.csv")[-1] for f in (whole, folder))
        assert float(ours["validation"]) == pytest.approx(float(exact["validation"]), rel=rough)
        assert ours["validation"] != exact["validation"]
    network, metadata = load_autoencoder(first / "autoencoder.safetensors")
    assert metadata["volume_iou"]["training"] > 0.9
    points = torch.rand(2, 70, 3)
    exact = network.embedding(points)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(network.embedding(points), exact)
        posterior = network.encode(points)
        logits = network.logits(points, network.decode(posterior.means))
    assert posterior.log_variances.dtype == logits.dtype == torch.float32
    assert 0 < (logits - network.logits(points, network.decode(posterior.means))).abs().max() < 0.5


def test_the_stream_is_read_in_the_order_that_seeds_have_always_meant():
    shapes, training = sources().training, AUTOENCODER_TRAINING
    ahead, own = (torch.Generator().manual_seed(3) for _ in range(2))
    drawn = Prefetched(
        vector_set_autoencoder._batches(shapes, AUTOENCODER, training, ahead), torch.device("cpu")
    )
    order = torch.randperm(8, generator=own)
    for batch, places in zip(drawn, order.split(4), strict=True):
        assert torch.equal(batch.surface, shapes.draw_surface(places, 64, own))
        points, inside = shapes.draw_volume(places, 32, own)
        assert torch.equal(batch.points[:, :32], points)
        assert torch.equal(batch.inside[:, :32], inside)
        near, distances = shapes._near.draw(places, 64, own)
        assert torch.equal(batch.points[:, 32:], near)
        assert torch.equal(batch.inside[:, 32:] > 0, distances < 0)
        assert torch.equal(batch.noise, torch.randn(4, 4, 2, generator=own))
