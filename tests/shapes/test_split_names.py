"""Split files: each name finds one file, or it is said which ones it may mean."""

import json
import unicodedata

import pytest

from toposhape.shapes.requests import request_shapes


def folder(tmp_path, *names):
    for name in names:
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path / "data"


def requested(tmp_path, split, source="folder", **category):
    file = tmp_path / "split.json"
    file.write_text(json.dumps(split))
    return request_shapes(source, path=tmp_path / "data", split_files=[file], **category)


def test_a_stem_of_two_files_is_refused_by_name(tmp_path):
    """Ids were made of a hash then, the split file named neither, and both shapes were lost."""
    folder(tmp_path, "c0.obj", "c0.ply", "c1.obj")
    with pytest.raises(ValueError, match=r"'c0', which may be 'c0\.obj' or 'c0\.ply': write the"):
        requested(tmp_path, {"train": ["c1"], "test": ["c0"]})


def test_with_its_suffix_each_is_found(tmp_path):
    folder(tmp_path, "c0.obj", "c0.ply", "c1.obj")
    found = requested(tmp_path, {"train": ["c0.obj", "c1"], "test": ["c0.ply"]})
    by_source = {request.source: request.shape for request in found.shapes}
    assert len(by_source) == 3
    assert found.parts == {
        "training": [by_source[str(tmp_path / "data" / name)] for name in ("c0.obj", "c1.obj")],
        "test": [by_source[str(tmp_path / "data" / "c0.ply")]],
    }


def test_the_id_is_a_name_too(tmp_path):
    data = folder(tmp_path, "c0.obj", "c0.ply")
    ids = [request.shape for request in request_shapes("folder", path=data).shapes]
    assert requested(tmp_path, {"train": ids[:1], "test": ids[1:]}).parts == {
        "training": ids[:1],
        "test": ids[1:],
    }


@pytest.mark.parametrize(
    "name",
    ["sub/my chair.obj", "sub/my chair", "sub--my_chair", "sub/my_chair", "sub--my_chair.obj"],
)
def test_all_spellings_of_a_file(tmp_path, name):
    folder(tmp_path, "sub/my chair.obj", "b.obj")
    assert requested(tmp_path, {"test": [name]}).parts == {"test": ["sub--my_chair"]}


def test_the_whole_name_wins_over_the_stem_of_another_file(tmp_path):
    folder(tmp_path, "a.obj", "a.obj.ply")
    (request,) = requested(tmp_path, {"test": ["a.obj"]}).shapes
    assert request.source.endswith("data/a.obj")


def test_normal_forms_of_unicode_are_one_name(tmp_path):
    name = "st\u00fchle"
    folder(tmp_path, unicodedata.normalize("NFD", name) + ".obj")
    found = requested(tmp_path, {"test": [name]})
    assert found.parts == {"test": [name]}
    assert found.shapes[0].source.endswith("u\u0308hle.obj")


def test_one_shape_in_two_parts_under_two_names_is_refused(tmp_path):
    folder(tmp_path, "a.obj", "b.obj")
    with pytest.raises(
        ValueError, match=r"'a' into training and 'a.obj' into test: keep it in one"
    ):
        requested(tmp_path, {"train": ["a", "b"], "test": ["a.obj"]})


def test_one_shape_twice_in_a_part_is_one(tmp_path):
    folder(tmp_path, "a.obj", "b.obj")
    found = requested(tmp_path, {"train": ["a", "a.obj"], "test": ["b"]})
    assert [request.shape for request in found.shapes] == ["a", "b"]
    assert found.parts == {"training": ["a"], "test": ["b"]}


def test_missing_files_are_requested_under_ids_of_their_own(tmp_path):
    folder(tmp_path, "a.obj")
    found = requested(tmp_path, {"train": ["a", "x y"], "test": ["x_y", "NA"]})
    ids = [request.shape for request in found.shapes]
    assert len(set(ids)) == 4
    assert ids[3] == "_NA"
    assert found.parts == {"training": ids[:2], "test": ids[2:]}


def test_files_that_no_split_file_names_are_told(tmp_path):
    folder(tmp_path, "a.obj", "b.obj", "c.obj")
    assert requested(tmp_path, {"test": ["b"]}).unnamed == ["a.obj", "c.obj"]
    assert request_shapes("folder", path=tmp_path / "data").unnamed == []


def test_models_of_shapenet_have_parts_by_id(tmp_path):
    folder(tmp_path, "03001627/1e5/models/model_normalized.obj")
    found = requested(
        tmp_path, {"train": ["1e5"], "test": ["a b", "a_b"]}, "shapenet", synset="03001627"
    )
    assert [request.shape for request in found.shapes][0] == "_1e5"
    assert found.parts["training"] == ["_1e5"]
    assert len(set(found.parts["test"])) == 2


def test_an_id_that_is_no_text_is_explained(tmp_path):
    folder(tmp_path, "a.obj")
    with pytest.raises(ValueError, match=r"the id '\\ud800' is no text"):
        requested(tmp_path, {"test": ["\ud800"]})
