"""Listing the shapes that a category asks for."""

import json
import re
import subprocess
import sys

import pytest

from toposhape.shapes.requests import ShapeRequest, list_requests
from toposhape.shapes.split_files import read_split_files


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    return path


def test_listing_imports_nothing_heavy():
    code = "import sys, toposhape.shapes.requests; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"numpy", "trimesh", "igl", "pandas"} & set(loaded.split())


def test_procedural_shapes_are_numbered():
    requests = list_requests("procedural", name="x", furniture="chair", count=3, seed=5)
    assert requests[2] == ShapeRequest("chair-00002", "procedural:chair:5:2")
    assert len(set(requests)) == 3


def test_folder_ids_are_safe_and_unique(tmp_path):
    for name in ("a.obj", "a.ply", "sub folder/stühle 1.STL", "notes.txt", ".hidden.obj"):
        touch(tmp_path / name)
    ids = [request.shape for request in list_requests("folder", path=tmp_path)]
    assert len(ids) == len(set(ids)) == 3
    assert "sub_folder--stühle_1" in ids
    assert all(re.fullmatch(r"[\w.+-]+", shape) for shape in ids)


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = touch(tmp_path / "outside/secret.obj")
    touch(tmp_path / "data/a.obj")
    (tmp_path / "data/link.obj").symlink_to(outside)
    (tmp_path / "data/inner.obj").symlink_to(tmp_path / "data/a.obj")
    ids = {request.shape for request in list_requests("folder", path=tmp_path / "data")}
    assert ids == {"a", "inner"}


@pytest.mark.parametrize("bad", ["../secret", "/etc/passwd", "a/../../secret", "link/secret"])
@pytest.mark.parametrize("source", ["folder", "shapenet"])
def test_ids_cannot_leave_the_data(tmp_path, bad, source):
    touch(tmp_path / "secret.obj")
    data = tmp_path / "data"
    touch(data / "03001627/a/models/model_normalized.obj")
    for folder in (data, data / "03001627"):
        (folder / "link").symlink_to(tmp_path)
    split = tmp_path / "chairs_train.json"
    split.write_text(json.dumps({"ShapeNetV2": {"03001627": ["a", bad]}}))
    with pytest.raises(ValueError, match="leads out of the data folder"):
        list_requests(source, path=data, synset="03001627", split_files=[split])


@pytest.mark.parametrize(
    ("version", "file"), [(1, "model.obj"), (2, "models/model_normalized.obj")]
)
def test_shapenet_layouts_and_missing_models(tmp_path, version, file):
    mesh = touch(tmp_path / "03001627/abc" / file)
    (tmp_path / "03001627/empty").mkdir()
    listed = list_requests("shapenet", path=tmp_path, synset="03001627", version=version)
    assert [request.shape for request in listed] == ["abc", "empty"]
    assert listed[0].source == str(mesh)
    split = tmp_path / "sv2_chairs_test.json"
    split.write_text(json.dumps({"ShapeNetV2": {"03001627": ["gone", "abc"], "other": ["x"]}}))
    given = list_requests(
        "shapenet", path=tmp_path, synset="03001627", version=version, split_files=[split]
    )
    assert [request.shape for request in given] == ["gone", "abc"]


def test_folder_split_finds_files_by_name_with_or_without_suffix(tmp_path):
    touch(tmp_path / "x/a.obj"), touch(tmp_path / "b.ply")
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": ["x/a"], "test": ["b.ply", "missing"]}))
    found = list_requests("folder", path=tmp_path, split_files=[split])
    assert [request.shape for request in found] == ["x--a", "b", "missing"]
    assert found[0].source.endswith("x/a.obj")


def test_unknown_source_and_missing_folder_are_explained(tmp_path):
    with pytest.raises(ValueError, match="unknown source"):
        list_requests("web")
    with pytest.raises(ValueError, match="no folder"):
        list_requests("folder", path=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{", "cannot be read"),
        ("a.json", "[]", "no JSON object"),
        ("a.json", '{"ShapeNetV2": {"1": ["a"]}}', "name must contain"),
        ("a_train.json", '{"ShapeNetV2": {"2": ["a"]}}', "names no shape"),
        ("a.json", '{"train": "a"}', "list of ids"),
        ("a.json", '{"train": ["a"], "test": ["a"]}', "keep it in one"),
    ],
)
def test_bad_split_files_are_explained(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_split_files([file], "1")
