"""The examples in the docstrings of `topology` run and say the truth."""

import doctest
import importlib
import pkgutil

import pytest

import toposhape.topology

MODULES = [
    module.name
    for module in pkgutil.walk_packages(toposhape.topology.__path__, "toposhape.topology.")
    if not module.ispkg
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    examples = [doctest.DocTestFinder().find(importlib.import_module(name)) for name in MODULES]
    assert sum(len(test.examples) for tests in examples for test in tests) > 10
