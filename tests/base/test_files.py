"""Files that are there whole or not at all, whatever library writes them."""

import multiprocessing
import os
import signal
import stat

import numpy as np
import pandas as pd
import pytest

from toposhape.base.files import REMEDY, whole, write_atomically


def test_any_library_writes_there_and_the_file_has_its_name_and_usual_rights(tmp_path):
    """numpy and pandas look at the suffix: numpy adds one, pandas compresses by it."""
    with whole(tmp_path / "a.npy") as file:
        np.save(file, np.arange(3))
    with whole(tmp_path / "a.csv.gz") as file:
        pd.DataFrame({"x": [1, 2]}).to_csv(file, index=False)
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "bytes", b"\0\1")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.csv.gz",
        "a.npy",
        "bytes",
        "plain",
    ]
    assert np.load(tmp_path / "a.npy").tolist() == [0, 1, 2]
    assert pd.read_csv(tmp_path / "a.csv.gz")["x"].tolist() == [1, 2]
    rights = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(rights) == 1


def test_until_the_end_the_old_file_stands_and_after_an_error_it_stays(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="half"), whole(path) as file:
        file.write_text("ne")
        assert path.read_text() == "old"
        raise RuntimeError("half way")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text() == "old"


def test_an_error_names_the_file_that_was_wanted(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "nowhere" / "table.csv", tmp_path / "folder.csv"):
        with pytest.raises(OSError, match=r"(?m)\.csv'$") as caught:
            write_atomically(path, b"x")
        assert caught.value.filename == str(path)
        assert REMEDY in caught.value.__notes__


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"(?m)'[^']*/a\.csv'$"), whole(tmp_path / "a.csv"):
        pass


def killed_while_writing(path):
    with whole(path) as file:
        file.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def write_often(path, letter):
    for _ in range(50):
        write_atomically(path, letter * 100_000)


def test_kill_leaves_the_old_file_and_two_writers_one_of_theirs(tmp_path):
    path = tmp_path / "table.csv"
    write_atomically(path, b"old")
    spawn = multiprocessing.get_context("spawn")
    killed = spawn.Process(target=killed_while_writing, args=(path,))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    writers = [spawn.Process(target=write_often, args=(path, letter)) for letter in (b"a", b"b")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        content = path.read_bytes()
        assert content in (b"old", b"a" * 100_000, b"b" * 100_000)
    assert [writer.exitcode for writer in writers] == [0, 0]


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(tmp_path, monkeypatch):
    """A power cut between the two must not leave a name without content."""
    done, sync, replace = [], os.fsync, os.replace

    def logged_sync(descriptor):
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def logged_replace(*names):
        done.append("name")
        replace(*names)

    monkeypatch.setattr(os, "fsync", logged_sync)
    monkeypatch.setattr(os, "replace", logged_replace)
    monkeypatch.setattr(os, "rename", logged_replace)
    write_atomically(tmp_path / "a.csv", b"1")
    assert done == ["file", "name", "folder"]
