"""What names a training: everything that decides in which weights it ends."""

import hashlib

import numpy as np
import pytest

from toposhape.learning.identity import content_digest, identity
from toposhape.settings.base import Settings, key

ROW = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def test_a_digest_is_the_sha_256_of_type_form_and_values():
    expected = hashlib.sha256(b"<f4(2, 3, 4)" + ROW.tobytes() + b"<i8(1,)" + b"\5" + bytes(7))
    assert content_digest(ROW, np.array([5])) == expected.hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        np.nextafter(ROW, 100, where=ROW == 23, out=ROW.copy()),
        ROW.astype(np.float64),
        ROW.reshape(3, 2, 4),
        ROW[:, ::-1],
        ROW[:, :2],
    ],
    ids=["last bit", "type", "form", "order", "fewer"],
)
def test_whatever_changes_makes_another_digest(other):
    assert content_digest(other) != content_digest(ROW)


def test_where_values_lie_in_memory_does_not_matter(tmp_path):
    np.save(tmp_path / "row.npy", ROW)
    for same in (np.load(tmp_path / "row.npy", mmap_mode="r"), np.asfortranarray(ROW)):
        assert content_digest(same) == content_digest(ROW)


def test_arrays_do_not_run_into_each_other():
    points = np.zeros((3, 2))
    digests = {content_digest(points[:k], points[k:]) for k in range(4)}
    assert len(digests) == 4
    assert content_digest() != content_digest(points[:0])


def test_an_identity_depends_on_names_and_values_but_not_on_their_order():
    assert identity(a=1, b=[2, 3]) == identity(b=(2, 3), a=1)
    assert len({identity(a=1, b=2), identity(a=2, b=1), identity(a=1), identity(a=1, c=2)}) == 4
    assert len(identity(a=1)) == 12


def test_of_settings_it_has_what_decides_about_weights():
    """A key that came later and is neutral, or that no weight depends on, trains nothing again."""

    class Old(Settings):
        rate: float = 0.1

    class New(Old):
        later: int = key(0, "came later", neutral=0)
        checkpoint_every: int = key(5, "epochs", without_influence=True)

    old = identity(settings=[Old(), {"of": Old()}])
    assert identity(settings=[New(checkpoint_every=7), {"of": New()}]) == old
    assert identity(settings=[New(later=1), {"of": New()}]) != old
    assert identity(settings=[New(), {"of": New(rate=0.2)}]) != old
