"""Whose folders machine code is executed from."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from toposhape.base.kernels import trust

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")
SOMEBODY = 12345


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "a" / "b"
    made.mkdir(parents=True)
    for each in (made, made.parent):
        each.chmod(0o755)
    return made


def test_ones_own_folder_is_trusted(folder):
    assert trust.reason_to_distrust(folder) == ""
    folder.chmod(0o500)
    assert trust.reason_to_distrust(folder) == ""


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o702, 0o720])
@pytest.mark.parametrize("place", ["itself", "parent"])
def test_a_folder_is_not_trusted_if_others_can_write_to_it_or_to_a_parent(folder, place, mode):
    open_folder = folder if place == "itself" else folder.parent
    open_folder.chmod(mode)
    reason = trust.reason_to_distrust(folder)
    assert reason == f"others can write to {open_folder}, mode {mode:o}"


def test_in_a_sticky_folder_others_touch_only_what_is_theirs(folder):
    folder.parent.chmod(0o1777)
    assert trust.reason_to_distrust(folder) == ""
    folder.chmod(0o1777)
    assert "others can write" in trust.reason_to_distrust(folder)


@needs_root
@pytest.mark.parametrize("place", ["itself", "parent"])
def test_a_folder_is_not_trusted_if_it_or_a_parent_is_somebody_elses(folder, place):
    os.chown(folder if place == "itself" else folder.parent, SOMEBODY, -1)
    assert f"belongs to user {SOMEBODY}" in trust.reason_to_distrust(folder)


@needs_root
def test_an_ordinary_user_trusts_root_and_himself(folder):
    os.chown(folder, SOMEBODY, -1)
    code = "import sys, os, pathlib; from toposhape.base.kernels import trust; "
    code += f"os.seteuid({SOMEBODY}); print(trust.reason_to_distrust(pathlib.Path(sys.argv[1])))"
    with tempfile.TemporaryDirectory() as place:  # pytest's folders are closed to others
        Path(place).chmod(0o755)
        own = Path(place) / "own"
        own.mkdir(mode=0o755)
        os.chown(own, SOMEBODY, -1)
        for chosen in (own, Path(place)):
            run = subprocess.run([sys.executable, "-c", code, chosen], capture_output=True)
            assert run.stdout == b"\n", run.stdout + run.stderr


def test_links_count_with_all_that_leads_to_their_target(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to("a/b")
    assert trust.reason_to_distrust(link) == ""
    assert trust.reason_to_distrust(link / ".." / "b") == ""
    second = tmp_path / "second"
    second.symlink_to(link)
    folder.parent.chmod(0o777)
    for path in (link, second):
        assert str(folder.parent) in trust.reason_to_distrust(path)


@needs_root
def test_a_link_that_somebody_else_laid_is_not_followed(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder)
    os.lchown(link, SOMEBODY, -1)
    tmp_path.chmod(0o1777)  # where everybody may lay links
    assert trust.reason_to_distrust(link) == f"{link} belongs to user {SOMEBODY}"


def test_links_in_a_circle_end(tmp_path):
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(OSError):
        trust.reason_to_distrust(tmp_path / "one")


@needs_root
def test_where_root_has_no_number_nobody_stands_for_the_system_but_not_for_the_folder_itself():
    code = "import sys, pathlib; from toposhape.base.kernels import trust; "
    code += "print(trust.reason_to_distrust(pathlib.Path(sys.argv[1])))"
    unshared = ["unshare", "--user", "--map-user=1000"]
    if subprocess.run([*unshared, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces of users here")
    with tempfile.TemporaryDirectory() as place:
        unmapped, own = Path(place) / "unmapped", Path(place) / "unmapped" / "own"
        own.mkdir(parents=True)
        os.chown(unmapped, SOMEBODY, -1)
        run = [*unshared, sys.executable, "-c", code]
        answers = [subprocess.run([*run, p], capture_output=True).stdout for p in (own, unmapped)]
        assert answers[0] == b"\n"
        assert b"belongs to user 65534" in answers[1]
