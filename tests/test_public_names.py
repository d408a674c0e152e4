"""Every public name has an example in its docstring, and the examples say the truth."""

import doctest
import importlib
import inspect

import pytest

import toposhape
from toposhape.evaluation.metrics import Metric


@pytest.mark.parametrize("name", toposhape.__all__)
def test_a_public_name_has_an_example_that_runs(name):
    public = Metric if name == "METRICS" else getattr(toposhape, name)
    scope = vars(importlib.import_module(public.__module__)).copy()
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(public, name, module=False, globs=scope)
    assert example.examples, f"{name} has no example"
    assert doctest.DocTestRunner().run(example).failed == 0
    assert inspect.getdoc(public)
