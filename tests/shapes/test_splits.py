"""Splits: shares, seeds, copies and given parts."""

import numpy as np
import pandas as pd
import pytest
import trimesh

from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signature import geometry_signature, near_duplicates
from toposhape.shapes.signed_distance import make_solid
from toposhape.shapes.splits import split_shapes

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
        "test": ["s008.obj", "s009"],
    }
    with pytest.warns(UserWarning, match="s001 from training"):
        split = split_shapes(manifest_of(signatures), SHARES, seed=0, given=given)
    assert "s001" not in sum(split.values(), [])
    assert split["test"] == ["s008", "s009"]


def test_a_part_without_shapes_is_an_error():
    with pytest.raises(ValueError, match="no shapes for"):
        split_shapes(manifest_of([random_signature()] * 2), SHARES, seed=0)
