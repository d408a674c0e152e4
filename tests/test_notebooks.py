"""The notebooks run, and what they say of themselves in assertions is so."""

import runpy
from pathlib import Path

import matplotlib as mpl
import pytest

NOTEBOOKS = sorted(Path(__file__).parents[1].glob("notebooks/*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook):
    with mpl.rc_context({"backend": "agg"}):
        runpy.run_path(str(notebook))
    assert "assert " in notebook.read_text()


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} == {"layers", "losses"}
