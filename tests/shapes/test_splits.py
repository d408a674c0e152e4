"""Splits: shares, seeds, copies and given parts."""

import numpy as np
import pandas as pd
import pytest
import trimesh

from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signature import geometry_signature, near_duplicates
from toposhape.shapes.signed_distance import make_solid
from toposhape.shapes.split_files import LEAST
from toposhape.shapes.splits import account_of_split, split_shapes

SHARES = {"training": 0.7, "validation": 0.1, "test": 0.2}
RNG = np.random.default_rng(0)


def signature(vertices, faces):
    vertices = normalising_transform(np.asarray(vertices)).apply(np.asarray(vertices))
    solid = make_solid(vertices, np.asarray(faces), sheet_thickness=0.03)
    return geometry_signature(signed_distance_grid(solid, 24).values)


def random_signature():
    return geometry_signature(RNG.normal(size=(8, 8, 8)))


def manifest_of(signatures):
    names = [f"s{number:03d}" for number in range(len(signatures))]
    return pd.DataFrame({"shape": names, "status": "ok", "geometry_hash": signatures})


def test_copies_are_recognised_and_cousins_are_not():
    mesh = trimesh.creation.torus(0.6, 0.2)
    order = RNG.permutation(len(mesh.vertices))
    shuffled = np.argsort(order)[mesh.faces][RNG.permutation(len(mesh.faces))]
    finer = mesh.subdivide()
    signatures = [
        signature(mesh.vertices, mesh.faces),
        signature(mesh.vertices[order], shuffled),
        signature(mesh.vertices * 7 + 3, mesh.faces[:, ::-1]),
        signature(finer.vertices, finer.faces),
        signature(mesh.vertices + RNG.normal(scale=1e-5, size=mesh.vertices.shape), mesh.faces),
        signature(*(lambda m: (m.vertices, m.faces))(trimesh.creation.torus(0.6, 0.22))),
    ]
    group = near_duplicates(signatures)
    assert len(set(group[:5])) == 1
    assert group[5] != group[0]
    assert len(signatures[0]) == 256


def test_shares_and_seed():
    manifest = manifest_of([random_signature() for _ in range(100)])
    split = split_shapes(manifest, SHARES, seed=1)
    assert {part: len(ids) for part, ids in split.items()} == {
        "training": 70, "validation": 10, "test": 20,
    }  # fmt: skip
    assert sorted(sum(split.values(), [])) == list(manifest["shape"])
    assert split == split_shapes(manifest.sample(frac=1, random_state=0), SHARES, seed=1)
    assert split != split_shapes(manifest, SHARES, seed=2)


@pytest.mark.parametrize("count", range(5, 12))
def test_a_handful_of_shapes_has_all_parts(count):
    split = split_shapes(manifest_of([random_signature() for _ in range(count)]), SHARES, seed=0)
    assert [len(split[part]) >= least for part, least in LEAST.items()] == [True] * 3
    assert len(split["training"]) == max(map(len, split.values()))
    assert sum(map(len, split.values())) == count


def test_four_shapes_are_too_few():
    with pytest.raises(ValueError, match="4 accepted shapes are too few .5 different ones"):
        split_shapes(manifest_of([random_signature() for _ in range(4)]), SHARES, seed=0)


def test_copies_stay_together():
    distinct = [random_signature() for _ in range(20)]
    manifest = manifest_of([distinct[number % 20] for number in range(60)])
    for seed in range(5):
        split = split_shapes(manifest, SHARES, seed=seed)
        for number in range(20):
            copies = {f"s{number + 20 * k:03d}" for k in range(3)}
            assert sum(bool(copies & set(ids)) for ids in split.values()) == 1


def test_rejected_shapes_are_in_no_part():
    manifest = manifest_of([random_signature() for _ in range(30)])
    manifest.loc[4, ["status", "geometry_hash"]] = ["rejected", None]
    assert "s004" not in sum(split_shapes(manifest, SHARES, seed=0).values(), [])


def test_given_parts_are_obeyed_and_validation_is_cut_from_training():
    manifest = manifest_of([random_signature() for _ in range(50)])
    given = {
        "training": [f"s{k:03d}" for k in range(40)],
        "test": [f"s{k:03d}" for k in range(40, 50)],
    }
    split = split_shapes(manifest, SHARES, seed=0, given=given)
    assert split["test"] == given["test"]
    assert sorted(split["training"] + split["validation"]) == given["training"]
    assert len(split["validation"]) == 5
    whole = given | {"training": given["training"][:30], "validation": given["training"][30:]}
    assert split_shapes(manifest, SHARES, seed=0, given=whole) == whole


def test_copies_across_given_parts_leave_training():
    signatures = [random_signature() for _ in range(10)]
    signatures[1] = signatures[9]
    given = {
        "training": [f"s{k:03d}" for k in range(8)],
        "test": ["s008", "s009"],
    }
    manifest = manifest_of(signatures).assign(reason="")
    split = split_shapes(manifest, SHARES, seed=0, given=given)
    assert "s001" not in sum(split.values(), [])
    assert split["test"] == ["s008", "s009"]
    assert account_of_split(manifest, split, given) == [
        "training: 8 given, 7 used; 1 copies of shapes in other parts: s001",
        "test: 2 given, 2 used",
    ]


def test_copies_leave_training_for_validation_too():
    signatures = [random_signature() for _ in range(10)]
    signatures[8] = signatures[1]
    given = {
        "training": [f"s{k:03d}" for k in range(8)],
        "validation": ["s008"],
        "test": ["s009"],
    }
    split = split_shapes(manifest_of(signatures), SHARES, seed=0, given=given)
    assert split["validation"] == ["s008"]
    assert split["training"] == ["s000", *(f"s{k:03d}" for k in range(2, 8))]


def test_large_groups_are_dealt_first_so_that_shares_are_kept():
    copies = random_signature()
    manifest = manifest_of([random_signature() for _ in range(5)] + [copies] * 5)
    halves = {"training": 0.5, "validation": 0, "test": 0.5}
    for seed in range(5):
        split = split_shapes(manifest, halves, seed=seed)
        assert (len(split["training"]), len(split["test"])) == (5, 5)


def test_a_part_without_a_share_may_be_empty():
    manifest = manifest_of([random_signature() for _ in range(4)])
    shares = {"training": 0.5, "validation": 0, "test": 0.5}
    given = {"training": ["s000", "s001"], "test": ["s002", "s003"]}
    assert split_shapes(manifest, shares, 0, given) == {**given, "validation": []}
    assert split_shapes(manifest, shares, 0)["validation"] == []


@pytest.mark.parametrize(("count", "more"), [(20, ""), (21, " and 1 more"), (45, " and 25 more")])
def test_long_lists_are_cut(count, more):
    manifest = manifest_of([random_signature() for _ in range(count)]).assign(reason="")
    (line,) = account_of_split(manifest, {"training": []}, {})
    names = ", ".join(f"s{k:03d}" for k in range(20))
    assert line == f"left out, since no split file names them: {names}{more}"


def test_every_given_shape_is_accounted_for():
    manifest = manifest_of([random_signature() for _ in range(30)])
    manifest["reason"] = ""
    manifest.loc[[3, 27], ["status", "reason"]] = ["rejected", "flat"]
    given = {
        "training": [f"s{k:03d}" for k in range(20)],
        "test": [f"s{k:03d}" for k in range(25, 30)],
    }
    split = split_shapes(manifest, SHARES, seed=0, given=given)
    assert account_of_split(manifest, split, given) == [
        "training: 20 given, 19 used; 1 rejected: s003 (flat)",
        "test: 5 given, 4 used; 1 rejected: s027 (flat)",
        "left out, since no split file names them: s020, s021, s022, s023, s024",
    ]


def test_a_given_shape_that_was_never_requested_is_an_error():
    manifest = manifest_of([random_signature() for _ in range(10)])
    given = {"training": ["s000", "s001", "lost"], "test": ["s002"]}
    with pytest.raises(ValueError, match="put lost into training, which the category does not"):
        split_shapes(manifest, SHARES, seed=0, given=given)


def test_a_part_without_shapes_is_an_error():
    with pytest.raises(ValueError, match="no shapes for"):
        split_shapes(manifest_of([random_signature()] * 2), SHARES, seed=0)
