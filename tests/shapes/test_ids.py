"""Ids: one spelling for every reader, whatever the files are called."""

import hashlib
import io
import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toposhape.shapes.ids import escaped, is_plain, safe_id, unique_ids


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("chair 1", "chair_1"),
        ("sub folder/stühle", "sub_folder--stühle"),
        ("stu\u0308hle", "stühle"),
        ("a{1}", "a_1_"),
        ("q'uote\"", "q_uote_"),
        ("two\nlines", "two_lines"),
        ("St\udcfchle", "St_hle"),
        ("-lead", "lead"),
        ("+lead", "lead"),
        ("..hidden", "hidden"),
        ("=SUM(A1)", "_SUM_A1_"),
        ("@sum", "_sum"),
        ("NA", "_NA"),
        ("NaN", "_NaN"),
        ("null", "_null"),
        ("None", "_None"),
        ("TRUE", "_TRUE"),
        ("007", "_007"),
        ("-1.5", "_1.5"),
        ("1e5", "_1e5"),
        ("inf", "_inf"),
        ("٣", "_٣"),
        ("1_2", "1_2"),
        ("1e5x", "1e5x"),
        ("---", "_"),
        ("x" * 100, "x" * 100),
    ],
)
def test_names_become_ids(name, shape):
    assert safe_id(name) == shape


def test_long_names_are_cut_and_told_apart():
    first, second = (safe_id("x" * 100 + end) for end in "ab")
    assert len(first) == len(second) == 100
    assert first[:83] == second[:83] == "x" * 83
    assert first != second


NAMES = st.text(st.characters(exclude_categories=()), min_size=1, max_size=120)


@given(NAMES)
def test_every_reader_sees_the_same_id(name):
    shape = safe_id(name)
    assert shape
    assert all(c.isalnum() or c in "._+-" for c in shape)
    assert shape[0] not in "+-=@."
    assert safe_id(shape) == shape
    table = f"shape,row\n{shape},0\n"
    assert pd.read_csv(io.StringIO(table))["shape"].tolist() == [shape]


@given(
    st.lists(st.text("aA./-+_ é\u0301\udcfc1", min_size=1, max_size=3), unique=True, max_size=30)
)
def test_ids_are_unique_and_do_not_depend_on_the_order(stems):
    names = [f"{stem}.obj" for stem in stems]
    shapes = unique_ids(stems, names)
    assert len(set(shapes)) == len(names)
    backwards = unique_ids(stems[::-1], names[::-1])
    assert backwards == shapes[::-1]


def digits(name):
    """Sixteen hexadecimal digits, as anybody's BLAKE2b gives them."""
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def test_a_file_that_is_called_like_the_id_of_another_one():
    taken = unique_ids(["c", "c"], ["c.obj", "c.ply"])
    assert taken == [f"c-{digits(name)[:8]}" for name in ("c.obj", "c.ply")]
    other = f"{taken[0]}.obj"
    shapes = unique_ids(["c", "c", taken[0]], ["c.obj", "c.ply", other])
    assert shapes == [f"{taken[0]}-{digits('c.obj')}", taken[1], f"{taken[0]}-{digits(other)}"]


def test_stems_without_names_are_refused():
    with pytest.raises(ValueError, match="zip"):
        unique_ids(["a", "b"], ["a.obj"])


def test_what_cannot_be_written_is_shown_escaped():
    latin = os.fsdecode(b"St\xfchle.obj")
    assert not is_plain(latin)
    assert escaped(latin) == r"St\xfchle.obj"
    assert escaped("two\nlines") == r"two\x0alines"
    assert is_plain("stühle {1} 椅子.obj")
    assert escaped("stühle {1} 椅子.obj") == "stühle {1} 椅子.obj"
