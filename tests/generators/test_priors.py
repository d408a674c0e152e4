"""Where codes are drawn."""

import numpy as np
import torch

from toposhape.generators import VariationalCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.priors import normal_numbers


def test_numbers_depend_on_the_seed_alone_and_are_normal():
    numbers = normal_numbers(10, 100, 7, seed=3)
    assert numbers.shape == (10, 100, 7)
    assert numbers.dtype == np.float32
    np.testing.assert_array_equal(numbers, normal_numbers(10, 100, 7, seed=3))
    assert (numbers != normal_numbers(10, 100, 7, seed=4)).all()
    assert abs(numbers.mean()) < 0.05
    assert abs(numbers.std() - 1) < 0.05


def test_posterior_codes_have_the_moments_of_the_mixture():
    codes = VariationalCodes(2, 1, mean_deviation=1.0, deviation=0.5)
    with torch.no_grad():
        codes.means.copy_(torch.tensor([[-2.0], [2.0]]))
    priors = ImplicitGenerator(None, codes, ("a", "b"), {}).priors
    noise = normal_numbers(40, 500, 1, seed=0)
    drawn = priors["posterior"](noise, 0)
    assert drawn.shape == (40, 500, 1)
    assert drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.05
    assert abs(drawn.var() - (4 + 0.25)) < 0.05
    np.testing.assert_array_equal(drawn, priors["posterior"](noise, 0))
    assert (drawn != priors["posterior"](noise, 1)).any()
    np.testing.assert_array_equal(priors["normal"](noise, 1), noise)
