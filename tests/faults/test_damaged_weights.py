"""Weights, their JSON files and checkpoints that were cut or that somebody has written to harm."""

import hashlib
import json
import pickle
import struct
from pathlib import Path

import pytest
import torch
from harm import Malice

from toposhape.generators import DiagramGenerator, ImplicitDecoder, VariationalCodes
from toposhape.generators.diagrams.store import load_diagram_generator, save_diagram_generator
from toposhape.generators.implicit.store import load_generator, save_generator
from toposhape.learning.checkpoints import Checkpoint, CheckpointError, CheckpointFolder
from toposhape.learning.stored_weights import LARGEST_JSON, DamagedWeightsError
from toposhape.settings.diagrams import DiagramNetwork
from toposhape.settings.implicit import Decoder


@pytest.fixture
def generator(tmp_path) -> Path:
    """A shape generator's weights; its JSON file lies beside them."""
    decoder = Decoder(width=8, depth=2, latent_size=2, skip_layers=())
    metadata = {"decoder": decoder.model_dump(), "activation": "relu", "shapes": ["a", "b"]}
    weights = tmp_path / "generator.safetensors"
    network = ImplicitDecoder(decoder)
    save_generator(weights, tmp_path / "generator.json", network, VariationalCodes(2, 2), metadata)
    assert load_generator(weights).shape_ids == ("a", "b")
    return weights


def sign(weights: Path, description: Path | None = None, **changes) -> None:
    """Change the JSON file and give it the right checksum, as somebody with an intent would."""
    description = description or weights.with_suffix(".json")
    content = json.loads(description.read_text()) | changes
    content["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    description.write_text(json.dumps(content))


def header(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


HOSTILE_WEIGHTS = {
    "pickle": pickle.dumps(Malice()),
    "header without end": struct.pack("<Q", 1 << 62) + b"{",
    "header of 4 GB": struct.pack("<Q", 1 << 32) + b"{}",
    "absurd shape": header('{"x":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4]}}'),
    "absurd offsets": header('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,1000000000000]}}'),
    "overflow": header(
        '{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'
    ),
    "nested": header('{"x":' + "[" * 100_000),
    "nothing": header("{}"),
    "cut": b"",
}


@pytest.mark.parametrize("kind", HOSTILE_WEIGHTS)
def test_hostile_weights_are_refused(generator, tmp_path, monkeypatch, bounded, kind):
    monkeypatch.chdir(tmp_path)
    generator.write_bytes(HOSTILE_WEIGHTS[kind])
    sign(generator)
    with pytest.raises(DamagedWeightsError, match=r"generator\.safetensors is damaged or does not"):
        load_generator(generator)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder": {"width": 2_000_000, "depth": 32, "latent_size": 2, "skip_layers": []}},
        {"decoder": {"width": 8, "depth": 1_000_000, "latent_size": 2, "skip_layers": []}},
        {"decoder": {"width": 16, "depth": 2, "latent_size": 2, "skip_layers": []}},
        {"decoder": "__import__('os').system('touch executed')"},
        {"activation": "os.system"},
        {"variant": {"lipschitz_weight": 1.0}},
        {"variant": 3},
        {"shapes": ["a"]},
        {"shapes": 5},
    ],
)
def test_metadata_that_do_not_fit_the_weights_are_refused(generator, bounded, changes):
    sign(generator, **changes)
    with pytest.raises(
        DamagedWeightsError, match=r"generator\.safetensors .*delete both and train"
    ):
        load_generator(generator)


HOSTILE_JSON = {
    "nested": b"[" * 1_000_000,
    "nested object": b'{"sha256":' * 200_000,
    "long": b"[" + b"1," * (LARGEST_JSON // 2) + b"1]",
    "no object": b"[1]",
    "bytes": b"\xff\x00",
    "digits": b'{"sha256":' + b"9" * 100_000 + b"}",
    "empty": b"",
}


@pytest.mark.parametrize("kind", HOSTILE_JSON)
def test_a_hostile_json_file_is_one_clear_error(generator, tmp_path, bounded, kind):
    generator.with_suffix(".json").write_bytes(HOSTILE_JSON[kind])
    with pytest.raises(DamagedWeightsError, match=r"generator\.safetensors is damaged or does not"):
        load_generator(generator)
    store = CheckpointFolder(tmp_path / "checkpoints")
    store.save(Checkpoint(1, {"x": torch.zeros(2)}, {}))
    (tmp_path / "checkpoints" / "epoch_000001.json").write_bytes(HOSTILE_JSON[kind])
    with pytest.raises(CheckpointError, match=r"epoch_000001\.safetensors is damaged"):
        store.latest()


def test_sizes_are_compared_before_memory_is_taken(generator):
    sign(generator, decoder={"width": 65_536, "depth": 2, "latent_size": 2, "skip_layers": []})
    with pytest.raises(DamagedWeightsError, match="has the shape .* not "):
        load_generator(generator)


def test_a_long_json_file_is_not_even_parsed(generator):
    generator.with_suffix(".json").write_bytes(HOSTILE_JSON["long"])
    with pytest.raises(DamagedWeightsError, match=f"{LARGEST_JSON} are allowed"):
        load_generator(generator)


def test_a_diagram_generator_of_absurd_size_is_refused(tmp_path, bounded):
    weights = tmp_path / "diagrams.safetensors"
    network = DiagramNetwork(embedding_size=2, width=4)
    save_diagram_generator(
        weights, tmp_path / "diagrams.json", DiagramGenerator((2, 1, 0), 2, network), {}
    )
    assert load_diagram_generator(weights).diagrams.sizes == (2, 1, 0)
    for changes in ({"sizes": [10**10, 1, 0]}, {"sizes": "abc"}, {"latent_size": 10**10}):
        sign(weights, **changes)
        with pytest.raises(DamagedWeightsError, match=r"diagrams\.safetensors is damaged or does"):
            load_diagram_generator(weights)


class Counter:
    """What can be trained: a vector."""

    def __init__(self) -> None:
        self.values = torch.zeros(4)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(0, {"values": self.values}, {"n": 0})

    def restore(self, found: Checkpoint) -> None:
        self.values.copy_(found.tensors["values"])
        self.n = found.state["n"] + 0


@pytest.mark.parametrize(
    ("tensors", "state"),
    [
        ({"values": torch.ones(1)}, {"n": 1}),  # copying would spread it
        ({"values": torch.ones(5)}, {"n": 1}),
        ({"other": torch.ones(4)}, {"n": 1}),
        ({"values": torch.ones(4)}, {}),
        ({"values": torch.ones(4)}, {"n": [1]}),
        ({"values": torch.ones(4)}, ["n"]),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_passed_over(tmp_path, capsys, tensors, state):
    store, counter = CheckpointFolder(tmp_path), Counter()
    store.save(Checkpoint(1, {"values": torch.full((4,), 7.0)}, {"n": 7}))
    store.save(Checkpoint(2, tensors, state))
    assert store.latest(counter).epoch == 1
    assert counter.values.tolist() == [7] * 4
    assert "epoch_000002.safetensors is damaged: " in capsys.readouterr().err
