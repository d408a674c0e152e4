"""What is told of shapes whose topology the grid does not show."""

import pandas as pd
import pytest

from toposhape.evaluation.truth import account_of_truth


def tables(known, seen):
    """A manifest and a topology table of shapes s0, s1, ..."""
    shapes = [f"s{i}" for i in range(len(known))]
    manifest = pd.DataFrame({"shape": shapes, "status": "ok"})
    for k in range(3):
        column = [None if betti is None else betti[k] for betti in known]
        manifest[f"declared_b{k}"] = pd.array(column, "Int64")
    topology = pd.DataFrame(seen, index=pd.Index(shapes, name="shape"), columns=["b0", "b1", "b2"])
    return manifest, topology


def test_shapes_that_the_grid_shows_otherwise_are_named():
    told = list(
        account_of_truth(*tables([(1, 4, 0), None, (1, 0, 0)], [(3, 2, 0), (9, 9, 9), (1, 0, 0)]))
    )
    assert "1 of the 2 shapes" in told[0]
    assert told[1].split() == ["s0:", "(1,", "4,", "0),", "the", "grid", "shows", "(3,", "2,", "0)"]
    assert "WARNING" in told[2] and "50%" in told[2]


@pytest.mark.parametrize(("wrong", "warned"), [(1, False), (2, True)])
def test_more_than_one_in_twenty_is_a_warning(wrong, warned):
    seen = [(2, 0, 0)] * wrong + [(1, 0, 0)] * (20 - wrong)
    told = list(account_of_truth(*tables([(1, 0, 0)] * 20, seen)))
    assert any("WARNING" in line for line in told) == warned


def test_where_nothing_is_known_nothing_is_told():
    assert not list(account_of_truth(*tables([None], [(2, 0, 0)])))


def test_of_many_wrong_shapes_twenty_are_named():
    told = list(account_of_truth(*tables([(1, 0, 0)] * 30, [(2, 0, 0)] * 30)))
    assert told[21] == "  and 10 more"
