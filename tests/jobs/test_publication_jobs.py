"""What figures show is what stands in the files, under the right names."""

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from small_run import IDS, SPLIT, prepared, solid, synthetic

from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.frames import write_frames
from toposhape.evaluation.synthesis import SyntheticShape
from toposhape.jobs import publication as jobs
from toposhape.jobs.pictures import export_examples, picture_folder
from toposhape.publication.pictures.pieces import read_meshes
from toposhape.publication.pictures.portraits import Portrait, write_portraits
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    truth = prepared(folder / "shapes")
    return folder, truth, synthetic(folder / "synthetic", draws=2, n=3)


def portraits(folder, count):
    """Pictures of one colour each, its number."""
    folder.mkdir(parents=True)
    sources = [folder.parent / f"{i:03d}.ply" for i in range(count)]
    for source in sources:
        source.write_text(source.name)
    shown = [Portrait(np.full((4, 4, 3), i, np.uint8), f"mesh {i}") for i in range(count)]
    write_portraits(folder, sources, shown)
    return folder


def walk(folder, numbers):
    """An interpolation through solids of these numbers, with pictures."""
    fields = np.stack([solid(number) for number in numbers])
    described = describe_fields(fields, Topology(), 1)
    points = np.zeros((1, 3), np.float32)
    shapes = [
        SyntheticShape(np.zeros(2), each, *extract_surface(field), points)
        for each, field in zip(described, fields, strict=True)
    ]
    write_frames(folder / "frames", np.zeros((len(numbers), 2), np.float32), shapes)
    return folder / "frames", portraits(folder / "pictures" / "frames", len(numbers))


def test_betti_numbers_of_a_shape_called_na(run):
    _, truth, made = run
    test = jobs.ids_of(truth.split, "test")
    assert test[0] == "NA"
    assert jobs.betti_numbers(truth.topology, test).tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 0]]
    assert jobs.betti_numbers(made.topology)[:, 1].tolist() == [1, 0, 1, 0, 1, 0]


def test_diagrams_by_id(run):
    _, truth, made = run
    found = jobs.diagrams_of_part(truth.diagrams, truth.split, "test")
    assert list(found) == SPLIT["test"]
    assert [len(d.points[1]) for d in found.values()] == [1, 0, 1]
    assert [len(d.points[1]) for d in jobs.diagrams_of_first_draw(made.diagrams, 3)] == [1, 0, 1]


def test_examples_have_the_diagram_of_their_picture(run, tmp_path):
    _, _, made = run
    shown = jobs.examples(portraits(tmp_path / "meshes", 3), made.diagrams, 2)
    assert [each.picture[0, 0, 0] for each in shown] == [0, 1]
    assert [len(each.diagram.points[1]) for each in shown] == [1, 0]


def test_latent_maps_join_shapes_with_their_handles(run, tmp_path):
    folder, truth, made = run
    trained = ["None", "NA", "nan"]
    (tmp_path / "generator.json").write_text(json.dumps({"shapes": trained}))
    means = np.arange(6, dtype=np.float32).reshape(3, 2)
    save_file({"codes.means": means}, tmp_path / "generator.safetensors")
    shown = jobs.latent_map(
        truth.topology,
        tmp_path / "generator.json",
        tmp_path / "generator.safetensors",
        folder / "synthetic" / "codes.npy",
        made.topology,
    )
    assert shown.handles.tolist() == [int(IDS.index(shape) % 2 == 0) for shape in trained]
    np.testing.assert_array_equal(shown.means, means)
    assert shown.codes.shape == (6, 2)
    assert shown.made.tolist() == [1, 0, 1, 0, 1, 0]


def test_matrices_have_the_training_shapes_in_their_rows(run, tmp_path):
    _, truth, _ = run
    np.savez(tmp_path / "m.npz", shapes=np.eye(2), diagrams=np.ones((2, 2)))
    training, (shapes, diagrams) = jobs.stored_matrices(
        tmp_path / "m.npz", "Mine", truth.diagrams, truth.split
    )
    expected = [int(IDS.index(shape) % 2 == 0) for shape in SPLIT["training"][:2]]
    assert [len(d.points[1]) for d in training] == expected
    assert shapes.title == "Synthetic shapes of Mine"
    np.testing.assert_array_equal(shapes.distances, np.eye(2))
    np.testing.assert_array_equal(diagrams.distances, np.ones((2, 2)))


def test_the_gallery_has_counts_and_diagrams_of_the_first_draw(run, tmp_path):
    _, _, made = run
    shown = jobs.gallery_shapes(
        "chair", "Mine", portraits(tmp_path / "m", 2), made.diagrams, made.topology, 9
    )
    assert [each.name for each in shown] == ["000", "001"]
    assert [each.betti for each in shown] == [(1, 1, 0), (1, 0, 0)]
    assert [len(each.diagram.points[1]) for each in shown] == [1, 0]
    assert shown[1].portrait.mesh == "mesh 1"


def test_steps_and_walks_follow_their_frames(tmp_path):
    frames, pictures = walk(tmp_path, [2, 3, 4])
    shown = jobs.steps(frames, pictures)
    assert [(each.pieces, each.handles) for each in shown] == [(1, 1), (1, 0), (1, 1)]
    assert [each.picture[0, 0, 0] for each in shown] == [0, 1, 2]
    way = jobs.gallery_walk("chair", "Mine", pictures, frames)
    assert [each.name for each in way.frames] == ["000", "001", "002"]
    assert way.frames[1].betti == (1, 0, 0)
    assert way.frames[2].portrait.mesh == "mesh 2"
    assert way.ends == ("000", "001")


def test_training_curves_stand_under_their_names(tmp_path):
    for name, epochs in (("A", 2), ("B", 3)):
        table = pd.DataFrame({"epoch": range(epochs), "eikonal": [float("nan")] * epochs})
        table.to_csv(tmp_path / f"{name}.csv", index=False, na_rep="nan")
        (tmp_path / f"{name}.json").write_text(json.dumps({"stop_reason": f"end of {name}"}))
    histories, endings = jobs.training_curves(
        {name: tmp_path / f"{name}.csv" for name in "AB"}, [tmp_path / f"{n}.json" for n in "AB"]
    )
    assert {name: len(table) for name, table in histories.items()} == {"A": 2, "B": 3}
    assert histories["A"]["eikonal"].isna().all()
    assert endings == {"A": "end of A", "B": "end of B"}


def test_examples_are_spread_over_the_training_shapes(run, tmp_path):
    folder, truth, _ = run
    grids = [each.with_name("grid.npy") for each in truth.surfaces]
    export_examples(truth.manifest, grids, truth.split, tmp_path / "few", 2)
    files = sorted((tmp_path / "few").glob("*.ply"))
    assert [file.name for file in files] == ["000.ply", "001.ply"]
    ends = [solid(IDS.index(SPLIT["training"][i])) for i in (0, -1)]
    for mesh, field in zip(read_meshes(files), ends, strict=True):
        assert len(mesh.faces) == len(extract_surface(field)[1])
    export_examples(truth.manifest, grids, truth.split, tmp_path / "all", 99)
    assert len(list((tmp_path / "all").glob("*.ply"))) == len(SPLIT["training"])
    picture_folder(tmp_path / "all", tmp_path / "pictures", 1, 64)
    assert sorted(f.name for f in (tmp_path / "pictures").glob("0*")) == ["000.mesh", "000.png"]


def test_the_gallery_tells_of_generators_without_a_degree(tmp_path):
    whole, without = tmp_path / "whole.json", tmp_path / "without.json"
    whole.write_text("{}")
    without.write_text('{"dead_degrees": [2]}')
    (note,) = jobs.dead_degree_notes([("chair", "A"), ("sofa", "B")], [whole, without])
    assert note.startswith("B, sofa: its diagram generator makes no cavity")


def test_figure_1_says_how_many_training_shapes_are_in_pieces(run, tmp_path):
    _, truth, _ = run
    table = pd.read_csv(truth.topology, dtype={"shape": str}, keep_default_na=False)
    table.loc[table["shape"] == SPLIT["training"][-1], "b0"] = 3
    table.to_csv(tmp_path / "topology.csv", index=False)
    number = len(SPLIT["training"])
    heading = jobs.pieces_heading(tmp_path / "topology.csv", truth.split, number, number)
    assert heading == f"training shapes (1 of {number} in pieces on the grid)"
    heading = jobs.pieces_heading(tmp_path / "topology.csv", truth.split, number, 1)
    assert heading == "training shapes (0 of 1 in pieces on the grid)"
