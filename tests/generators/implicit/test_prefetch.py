"""Draws ahead of the steps: the same stream of random numbers, whoever reads it and when."""

import threading

import pytest
import torch
from test_shape_generator import spheres

from toposhape.generators.implicit.draws import EpochDraws
from toposhape.generators.implicit.samples import SampleSource
from toposhape.learning.prefetch import Prefetched
from toposhape.learning.processes import Team
from toposhape.learning.seeds import random_source
from toposhape.settings.implicit import ShapeTraining

SETTINGS = ShapeTraining(shapes_per_batch=4, samples_per_shape=6, regularised_points=5)
CPU = torch.device("cpu")


def source() -> SampleSource:
    return SampleSource(spheres(), list(spheres()))


def draws(**changes):
    epoch = EpochDraws(SETTINGS, 3, **{"regularised": True, "fresh": (2, 2), **changes})
    return epoch.steps(source(), random_source(0, "training", 7))


def flat(draw) -> list[torch.Tensor]:
    synthetic = draw.synthetic or ()
    return [draw.batch, draw.points, draw.distances, draw.noise, *synthetic, *draw.fresh]


def equal(a, b) -> bool:
    return len(flat(a)) == len(flat(b)) and all(map(torch.equal, flat(a), flat(b)))


def test_a_thread_ahead_draws_what_the_steps_would_have_drawn():
    plain, ahead = list(draws()), list(Prefetched(draws(), CPU))
    assert [d.shapes for d in plain] == [4, 4, 2]
    assert len(ahead) == len(plain)
    assert all(map(equal, ahead, plain))
    assert [d.synthetic is None for d in plain] == [False, True, False]


def test_the_stream_is_read_in_the_order_that_seeds_have_always_meant():
    generator, samples = random_source(0, "training", 7), source()
    order = torch.randperm(10, generator=generator)
    for draw, batch in zip(draws(), order.split(4), strict=True):
        points, distances = samples.draw(batch.tolist(), 6, generator)
        noise = torch.randn(len(batch), 3, generator=generator)
        assert torch.equal(draw.batch, batch)
        assert torch.equal(draw.points, points)
        assert torch.equal(draw.distances, distances)
        assert torch.equal(draw.noise, noise)
        if draw.synthetic is not None:
            assert torch.equal(draw.synthetic[0], torch.randn(4, 3, generator=generator))
            assert torch.equal(draw.synthetic[1], 2 * torch.rand(4, 5, 3, generator=generator) - 1)
        for fresh in draw.fresh:
            assert torch.equal(fresh, torch.randn(2, 3, generator=generator))


@pytest.mark.parametrize("size", [2, 3, 6])
def test_shares_are_parts_of_the_same_batches(size):
    teams = [list(draws(team=Team(rank, size))) for rank in range(size)]
    for whole, *shares in zip(draws(), *teams, strict=True):
        assert all(share.shapes == whole.shapes for share in shares)
        for name in ("batch", "points", "distances", "noise"):
            parts = torch.cat([getattr(share, name) for share in shares])
            assert torch.equal(parts, getattr(whole, name))
        if whole.synthetic is not None:
            for i in range(2):
                parts = torch.cat([share.synthetic[i] for share in shares])
                assert torch.equal(parts, whole.synthetic[i])


def test_an_error_in_fetching_reaches_the_step():
    def broken():
        yield from list(draws())[:1]
        raise OSError("the disk is gone")

    steps = iter(Prefetched(broken(), CPU))
    next(steps)
    with pytest.raises(OSError, match="the disk is gone"):
        next(steps)


def test_a_training_that_stops_in_the_middle_leaves_no_thread():
    before = threading.active_count()
    steps = iter(Prefetched(draws(), CPU))
    next(steps)
    steps.close()
    assert threading.active_count() == before


def test_waiting_is_measured():
    release = threading.Event()

    def slow():
        release.wait(0.2)
        yield from draws()

    steps = Prefetched(slow(), CPU)
    list(steps)
    assert 0.1 < steps.seconds_waited < 60
