"""Sidecars tell where a published file comes from."""

import hashlib
import json

import pytest

from toposhape.publication.traceability import package_versions, write_sidecar


def test_a_sidecar_names_its_origin(tmp_path):
    figure, scores, training = (tmp_path / n for n in ("f.png", "scores.csv", "generator.json"))
    figure.write_bytes(b"picture")
    scores.write_bytes(b"numbers")
    training.write_text('{"device": "a GPU"}')
    shapes = {"chair": {"requested": 9, "ok": 8, "rejected": 1, "test": 2}}
    path = write_sidecar(
        figure,
        inputs=[scores],
        config_digest="0123456789ab",
        training_seeds=(0, 1),
        draws=10,
        shapes=shapes,
        trainings=[training],
    )
    content = json.loads(path.read_text())
    assert path.name == "f.png.json"
    assert content["sha256"] == hashlib.sha256(b"picture").hexdigest()
    assert content["inputs"] == {str(scores): hashlib.sha256(b"numbers").hexdigest()}
    assert content["devices"] == {str(training): "a GPU"}
    assert content["shapes"] == shapes
    assert content["training_seeds"] == [0, 1]
    assert content["draws"] == 10
    assert "cells" not in content


def test_a_missing_input_is_an_error(tmp_path):
    (tmp_path / "f.png").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="gone"):
        write_sidecar(
            tmp_path / "f.png",
            inputs=[tmp_path / "gone.csv"],
            config_digest="",
            training_seeds=[],
        )


def test_versions_are_those_installed():
    import numpy

    assert package_versions()["numpy"] == numpy.__version__
