"""Codes are tried until enough of them are as wanted."""

import numpy as np
import pytest
import torch

from toposhape.generators import VariationalCodes
from toposhape.generators.contract import Shape
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.jobs.code_filter import filter_codes
from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.topology import Topology

GRID = 16
X, Y, Z = np.meshgrid(*3 * [np.linspace(-1, 1, GRID)], indexing="ij")


def ball(x, radius):
    return np.sqrt((X - x) ** 2 + Y**2 + Z**2) - radius


class Balls(ImplicitGenerator):
    """A ball for a code above 0, two for others; all codes that it has been asked for."""

    def shapes(self, codes, resolution):
        assert resolution == GRID
        for code in codes:
            self.metadata["asked"].append(float(code[0]))
            whole = ball(0, 0.5) if code[0] > 0 else np.minimum(ball(-0.5, 0.3), ball(0.5, 0.3))
            yield Shape(whole.astype(np.float32))


def balls(*means):
    codes = VariationalCodes(len(means), 1)
    with torch.no_grad():
        codes.means.copy_(torch.tensor(means)[:, None])
    names = tuple(f"at {mean}" for mean in means)
    return Balls(None, codes, names, {"asked": [], "sha256": "its digest"})


@pytest.fixture
def tried(tmp_path):
    return lambda generator, cost=None, **settings: filtered(generator, tmp_path, cost, **settings)


def by_chance():
    """Costs of shapes in the order in which they are tried."""
    numbers = iter(np.random.default_rng(0).permutation(1000))
    return lambda shape: float(next(numbers))


def filtered(generator, checkpoints, cost=None, **settings):
    settings = {"stands": False, "nothing_dangles": False, **settings}
    return filter_codes(
        generator,
        cost or by_chance(),
        CodeFilter(**settings),
        resolution=GRID,
        topology=Topology(),
        seed=3,
        checkpoints=checkpoints,
        title="T",
    )


def test_every_training_shape_gets_as_many_codes_or_as_many_attempts(tried, capsys):
    generator = balls(2.0, 0.0, -9.0)
    found, told = tried(generator, bandwidth=0.3, wanted=4, attempts=20, kept=4)
    assert found.codes.dtype == np.float32
    assert (found.codes > 0).all()
    assert found.near.tolist() == [0] * 4 + [1] * 4
    np.testing.assert_allclose(found.codes[:4], 2 * np.sqrt(1 - 0.09), atol=1)
    asked = np.array(generator.metadata["asked"])
    assert told.items() >= {"tried": len(asked), "wanted": 8, "kept": 8}.items()
    assert told["without"] == ["at -9.0"]
    assert (told["generator"], told["seed"]) == ("its digest", 3)
    assert told["settings"]["wanted"] == 4
    assert (asked < -5).sum() == 20
    assert (asked > 1).sum() == 4  # none more than needed
    assert "8 as wanted (in one piece), 8 kept, near 2 of 3" in capsys.readouterr().err


def test_of_the_wanted_those_of_the_least_cost_are_kept(tried):
    generator = balls(1.0)
    best, told = tried(generator, wanted=8, attempts=12, kept=3)
    asked = np.array(generator.metadata["asked"], np.float32)
    costs = np.array(list(map(by_chance(), asked)))
    wanted = np.flatnonzero(asked > 0)
    np.testing.assert_array_equal(best.codes[:, 0], asked[wanted[np.argsort(costs[wanted])[:3]]])
    assert (told["wanted"], told["kept"]) == (8, 3)
    with pytest.raises(ValueError, match="kept 3 <= wanted 2 <= attempts 24 must hold"):
        CodeFilter(kept=3, wanted=2)


def test_a_candidate_is_judged_by_the_code_of_the_training_shape(tried):
    seen = []
    tried(balls(2.0, -1.0), lambda shape: seen.append(shape) or 0.0, attempts=8)
    assert {float(shape.code[0]) for shape in seen} == {2.0, -1.0}
    assert {shape.topology.betti[0] for shape in seen} == {1, 2}


def test_what_was_killed_goes_on_and_ends_in_the_same_codes(tmp_path):
    def alike(shape):
        return 0.0

    at_once, told = filtered(balls(0.0, 1.0), tmp_path / "once", alike, attempts=8)
    interrupted = balls(0.0, 1.0)
    interrupted.metadata["asked"] = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        filtered(interrupted, tmp_path / "again", alike, attempts=8)
    going_on = balls(0.0, 1.0)
    again, told_again = filtered(going_on, tmp_path / "again", alike, attempts=8)
    np.testing.assert_array_equal(again.codes, at_once.codes)
    np.testing.assert_array_equal(again.near, at_once.near)
    assert told_again == told
    assert 0 < len(going_on.metadata["asked"]) == told["tried"] - 4  # two rounds were done


class Interrupted(list):
    """A list that no sixth number gets into."""

    def append(self, number):
        if len(self) == 5:
            raise KeyboardInterrupt
        super().append(number)


def test_what_was_tried_under_other_settings_is_not_gone_on_with(tried):
    few, _ = tried(balls(0.0), attempts=8, kept=2)
    generator = balls(0.0)
    other, _ = tried(generator, attempts=8, kept=2, bandwidth=0.9)
    assert len(generator.metadata["asked"]) >= 8
    assert not np.isin(other.codes, few.codes).any()


def test_where_nothing_is_as_wanted_the_best_of_all_are_kept_and_it_is_told(tried, capsys):
    found, told = tried(balls(-9.0, -8.0), wanted=5, attempts=5, kept=1)
    assert found.near.tolist() == [0, 1]
    assert (told["tried"], told["wanted"], told["kept"]) == (10, 0, 2)
    assert told["without"] == ["at -9.0", "at -8.0"]
    said = capsys.readouterr().err
    assert "10 tried, 0 as wanted (in one piece), 2 kept" in said
    anything, _ = tried(balls(-9.0), wanted=2, attempts=5, kept=2, one_piece=False)
    assert len(anything.codes) == 2
    assert "WARNING: none is as wanted" in said and "Want less (code_filter.one_piece" in said
