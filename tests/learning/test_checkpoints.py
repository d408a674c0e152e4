import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from toposhape.base.files import write_atomically
from toposhape.base.locks import FolderInUseError, sole_writer
from toposhape.learning.checkpoints import Checkpoint, CheckpointError, CheckpointFolder


def checkpoint(epoch: int) -> Checkpoint:
    return Checkpoint(epoch, {"weights": torch.full((3, 2), float(epoch))}, {"n": epoch, "x": 0.1})


def filled(folder, epochs=(10, 20, 30)) -> CheckpointFolder:
    store = CheckpointFolder(folder)
    for epoch in epochs:
        store.save(checkpoint(epoch))
    return store


def test_the_last_two_are_kept_and_the_last_is_read(tmp_path):
    found = filled(tmp_path).latest()
    assert found.epoch == 30
    assert torch.equal(found.tensors["weights"], torch.full((3, 2), 30.0))
    assert found.state == {"n": 30, "x": 0.1}
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"epoch_0000{e}.{kind}" for e in (20, 30) for kind in ("json", "safetensors")]


def test_no_checkpoint_is_none(tmp_path):
    assert CheckpointFolder(tmp_path / "missing").latest() is None


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize(
    "harm",
    [
        flip_a_bit,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: path.with_suffix(".json").write_text("{"),
        lambda path: path.with_suffix(".json").write_text("{}"),
        lambda path: path.with_suffix(".json").write_text("[1]"),
    ],
)
def test_a_damaged_one_is_named_and_the_one_before_used(tmp_path, capsys, harm):
    store = filled(tmp_path)
    harm(tmp_path / "epoch_000030.safetensors")
    assert store.latest().epoch == 20
    assert "epoch_000030.safetensors is damaged" in capsys.readouterr().err


def test_if_all_are_damaged_the_error_says_what_to_delete(tmp_path):
    store = filled(tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        flip_a_bit(path)
    with pytest.raises(CheckpointError, match=rf"(?s)000030.*000020.*Delete {tmp_path} to train"):
        store.latest()


def test_weights_without_their_json_do_not_exist(tmp_path):
    store = filled(tmp_path)
    (tmp_path / "epoch_000040.safetensors").write_bytes(b"cut off by kill -9")
    assert store.latest().epoch == 30
    store.save(checkpoint(50))
    assert not (tmp_path / "epoch_000040.safetensors").exists()


class Malice:
    def __reduce__(self):
        return os.system, ("touch executed",)


def test_an_attacker_s_pickle_is_not_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = filled(tmp_path / "c")
    weights = tmp_path / "c" / "epoch_000030.safetensors"
    weights.write_bytes(pickle.dumps(Malice()))
    import hashlib

    description = json.loads(weights.with_suffix(".json").read_text())
    description["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    weights.with_suffix(".json").write_text(json.dumps(description))
    assert store.latest().epoch == 20
    assert not (tmp_path / "executed").exists()


def test_writing_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_has_one_writer_and_is_free_after_kill_9(tmp_path):
    code = (
        "import sys, time\n"
        "from toposhape.base.locks import sole_writer\n"
        f"with sole_writer({str(tmp_path)!r}):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        message = rf"{tmp_path} is in use by process {holder.pid}"
        with pytest.raises(FolderInUseError, match=message), sole_writer(tmp_path):
            pass
    finally:
        holder.kill()
        holder.wait()
    with sole_writer(tmp_path):
        pass


def test_numpy_is_not_needed_to_be_exact(tmp_path):
    """Every bit pattern survives, infinities and denormals too."""
    values = torch.from_numpy(np.array([0.1, np.inf, 1e-42, -0.0], np.float32))
    store = CheckpointFolder(tmp_path)
    store.save(Checkpoint(1, {"v": values}, {}))
    assert store.latest().tensors["v"].view(torch.int32).equal(values.view(torch.int32))
