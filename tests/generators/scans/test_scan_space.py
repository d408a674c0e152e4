"""One network for many surfaces: spheres of several sizes."""

import numpy as np
import pytest
import torch

from toposhape.generators.scans import shape_space
from toposhape.generators.scans.draws import ScanPoints
from toposhape.generators.scans.shape_space import find_codes, learn_space, load_space, tune
from toposhape.settings.scans import ScanSpace

SETTINGS = ScanSpace(
    network={"width": 48, "depth": 3}, latent_size=4, max_epochs=15, shapes_per_step=4,
    points_per_step=64, code_steps=200, tuning_steps=20, checkpoint_every=2,
)  # fmt: skip
RADII = (0.35, 0.45, 0.55, 0.65)


def scan(radius, settings=SETTINGS):
    directions = np.random.default_rng(0).normal(size=(800, 3)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return ScanPoints(radius * directions, directions, settings)


def learned(folder, settings=SETTINGS):
    folder.mkdir(exist_ok=True)
    learn_space(
        [scan(radius) for radius in RADII], settings, seed=(0,),
        checkpoints=folder / "checkpoints", weights=folder / "w.safetensors",
        metadata=folder / "w.json", history=folder / "h.csv",
    )  # fmt: skip
    return load_space(folder / "w.safetensors")


def radius_of(network, code):
    """Where f vanishes on the way from the middle, by its value at a distance of 0.5."""
    directions = torch.nn.functional.normalize(torch.randn(1, 300, 3), dim=2)
    with torch.no_grad():
        return 0.5 - float(network(0.5 * directions, code[None]).mean())


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return learned(tmp_path_factory.mktemp("space"))


def test_every_code_has_its_radius(space):
    found = [radius_of(space.network, code) for code in space.codes]
    np.testing.assert_allclose(found, RADII, atol=0.03)


def test_the_code_of_a_new_sphere_has_its_radius_and_the_network_stays(space):
    before = [each.clone() for each in space.network.parameters()]
    codes = find_codes(space.network, [scan(0.4), scan(0.6)], SETTINGS, (0,))
    assert radius_of(space.network, codes[0]) == pytest.approx(0.4, abs=0.04)
    assert radius_of(space.network, codes[1]) == pytest.approx(0.6, abs=0.04)
    for old, new in zip(before, space.network.parameters(), strict=True):
        assert torch.equal(old, new) and new.requires_grad


def test_a_scan_does_not_move_the_code_of_another(space):
    def slope_of_first(*scans):
        codes = torch.full((len(scans), 4), 0.1, requires_grad=True)
        generator = torch.Generator().manual_seed(0)
        shape_space._loss(space.network, scans, codes, SETTINGS, generator).backward()
        return codes.grad[0]

    alone = slope_of_first(scan(0.4))
    assert alone.norm() > 0
    torch.testing.assert_close(slope_of_first(scan(0.4), scan(0.6)), alone, rtol=1e-3, atol=1e-5)


def test_tuning_learns_one_scan_in_a_copy(space):
    code = space.codes[0]
    tuned = tune(space.network, scan(0.5), code, SETTINGS, (0,))
    before, after = radius_of(space.network, code), radius_of(tuned.network, tuned.codes[0])
    assert abs(after - 0.5) < abs(before - 0.5) - 0.03
    assert radius_of(space.network, code) == pytest.approx(before, abs=1e-3)


def test_a_killed_training_ends_in_the_same_codes(space, tmp_path, monkeypatch):
    inner, calls = shape_space.surface_terms, []

    def killed(*arguments):
        calls.append(1)
        if len(calls) == 105:  # in the sixth epoch
            raise KeyboardInterrupt
        return inner(*arguments)

    monkeypatch.setattr(shape_space, "surface_terms", killed)
    with pytest.raises(KeyboardInterrupt):
        learned(tmp_path)
    assert torch.equal(learned(tmp_path).codes, space.codes)
    assert len(calls) == 105 + 20 * 11
