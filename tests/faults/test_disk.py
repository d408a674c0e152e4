"""A disk that is full: the file is named, nothing half stands under a name, the rest is kept."""

import errno
import os
import resource
import signal
from contextlib import contextmanager

import numpy as np
import pytest
import stages
import torch

from toposhape.base.files import REMEDY, explain_full_disk
from toposhape.base.row_files import RowFile
from toposhape.learning.checkpoints import Checkpoint, CheckpointFolder
from toposhape.learning.history import History
from toposhape.topology import StoredDiagram, write_diagrams


@contextmanager
def disk_with(size: int):
    """No file may grow beyond so many bytes: the system refuses as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_checkpoint_that_does_not_fit_is_named_and_the_one_before_stays(tmp_path):
    store = CheckpointFolder(tmp_path)
    store.save(Checkpoint(1, {"x": torch.ones(10_000)}, {}))
    before = files(tmp_path)
    with disk_with(5000), pytest.raises(OSError, match=r"epoch_000002\.safetensors") as caught:
        store.save(Checkpoint(2, {"x": torch.ones(10_000)}, {}))
    assert caught.value.__notes__ == [REMEDY]
    assert files(tmp_path) == before
    assert store.latest().epoch == 1


@pytest.mark.parametrize("rows", [1, 3, 400])  # 1: it fails when what was buffered is flushed
def test_rows_that_do_not_fit_leave_nothing(tmp_path, rows):
    def write() -> None:
        with RowFile(tmp_path / "samples.npy", 400, (100,)) as file:
            for row in range(rows):
                file.write(row, np.zeros(100, np.float32))
            file.close(range(2))

    with disk_with(600), pytest.raises(OSError, match=r"samples\.npy") as caught:
        write()
    assert caught.value.__notes__ == [REMEDY]
    assert not files(tmp_path)


def test_a_table_that_does_not_fit_is_named_and_the_old_one_stays(tmp_path):
    many = np.sort(np.random.default_rng(0).random((20_000, 2), np.float32))
    path = tmp_path / "diagrams.parquet"
    write_diagrams(path, ["a"], [StoredDiagram((many[:9],) * 3)])
    before = path.read_bytes()
    with disk_with(5000), pytest.raises(OSError, match=r"diagrams\.parquet"):
        write_diagrams(path, ["a"], [StoredDiagram((many,) * 3)])
    assert files(tmp_path) == ["diagrams.parquet"]
    assert path.read_bytes() == before


def test_a_batch_that_does_not_fit_is_prepared_when_there_is_room(tmp_path):
    stages.preparation(tmp_path / "roomy", tmp_path, workers=1)
    with disk_with(20_000), pytest.raises(OSError, match=r"000/(samples|grid|surface)\.npy"):
        stages.preparation(tmp_path / "tight", tmp_path, workers=1)
    assert files(tmp_path / "tight") == [".000.lock"]
    stages.preparation(tmp_path / "tight", tmp_path, workers=1)
    assert stages.outcome(tmp_path / "tight") == stages.outcome(tmp_path / "roomy")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("row", "named"),
    [({"why": "long " * 100}, r"history\.csv"), ({f"x{i}": 1.0 for i in range(50)}, "tensorboard")],
)
def test_a_history_that_does_not_fit_is_named(tmp_path, row, named):
    """TensorBoard, which writes from a thread, names no file itself."""
    history = History(tmp_path, ["epoch", *row], 0)
    with disk_with(20_000), pytest.raises(OSError, match=named) as caught:
        for epoch in range(1, 10_000):
            history.append({"epoch": epoch, **row})
    assert caught.value.__notes__ == [REMEDY]


def test_an_error_that_names_no_file_gets_the_names_of_the_jobs_outputs():
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    explain_full_disk(error, ["a.png", "a.pdf"])
    assert str(error).endswith("'a.png or a.pdf'")
    assert error.__notes__ == [REMEDY]


def test_a_training_goes_on_when_there_is_room(tmp_path):
    stages.shape_generator(tmp_path / "roomy", tmp_path)
    with disk_with(9000), pytest.raises(OSError, match=r"\.safetensors"):
        stages.shape_generator(tmp_path / "tight", tmp_path)
    assert not [name for name in files(tmp_path / "tight") if "safetensors" in name]
    stages.shape_generator(tmp_path / "tight", tmp_path)
    assert stages.outcome(tmp_path / "tight") == stages.outcome(tmp_path / "roomy")
