"""Identities of settings: what names a training, and what makes a rule run again."""

import json
import pickle

import pytest
from pydantic import ValidationError
from stored_run import STORED

from toposhape.settings.base import Positive, Settings, key
from toposhape.settings.diagrams import DiagramTraining
from toposhape.settings.implicit import ShapeTraining
from toposhape.settings.joint import JointTraining
from toposhape.settings.parameters import Parameters, as_parameters
from toposhape.settings.run import digest, read_config
from toposhape.settings.vector_sets import SetAutoencoderTraining, SetDiffusionTraining


class Inner(Settings):
    rate: Positive = 1.0


class Before(Settings):
    steps: int = 10
    inner: Inner = Inner()


class Later(Before):
    weight: float = key(0.0, "of a new term", neutral=0.0)


class LaterInner(Inner):
    momentum: float = key(0.5, "came later and is used by default", neutral=0)


class Nested(Settings):
    steps: int = 10
    inner: Inner = LaterInner()


class NewGroup(Before):
    options: Inner = key(Inner(), "a whole group that came later", neutral=Inner())


class Changed(Before):
    steps: int = 20


def test_a_key_that_came_later_counts_only_where_it_is_not_neutral():
    assert Later().identity() == Before().identity()
    assert Later(weight=0).identity() == Before().identity()  # given or not
    assert Later(weight=2).identity() == {**Before().identity(), "weight": 2.0}
    assert digest(Later()) == digest(Before()) != digest(Later(weight=2))


def test_a_group_that_came_later_is_as_before_when_it_is_neutral():
    assert NewGroup().identity() == Before().identity()
    changed = NewGroup(options=Inner(rate=2))
    assert changed.identity() == {**Before().identity(), "options": {"rate": 2.0}}


def test_a_new_key_whose_default_is_not_neutral_counts_from_the_first_run():
    assert Nested().identity()["inner"] == {"rate": 1.0, "momentum": 0.5}
    assert Nested(inner=LaterInner(momentum=0)).identity() == Before().identity()


def test_a_changed_default_counts_and_its_old_value_is_the_old_identity():
    assert Changed().identity() != Before().identity()
    assert Changed(steps=10).identity() == Before().identity()


@pytest.mark.parametrize(
    "settings",
    [
        *(ShapeTraining, DiagramTraining, JointTraining),
        *(SetDiffusionTraining, SetAutoencoderTraining),
    ],
)
def test_checkpoints_change_no_result_and_no_identity(settings):
    assert settings(checkpoint_every=7).identity() == settings().identity()


def test_identities_of_stored_results_are_found_again():
    """Fails when a change would train again what was trained; see stored_run.py if it should."""
    stored = json.loads(STORED.read_text())
    assert read_config(stored["given"]).identity() == stored["identity"]


def test_identities_are_plain_json():
    identity = read_config(json.loads(STORED.read_text())["given"]).identity()
    assert json.loads(json.dumps(identity)) == identity


def test_parameters_are_compared_by_identity_and_read_in_full():
    assert repr(Parameters(Later())) == repr(Parameters(Before()))
    assert repr(Parameters(Changed())) != repr(Parameters(Before()))
    assert Parameters(Later())["weight"] == 0.0
    assert repr(Parameters(Changed(), leave_out=("steps",))) == repr(
        Parameters(Before(), leave_out=("steps",))
    )
    read = pickle.loads(pickle.dumps(Parameters(Later())))
    assert type(read) is dict
    assert read == Later().model_dump()


def test_the_order_of_keys_is_nothing_to_rerun_for():
    class Turned(Settings):
        inner: Inner = Inner()
        steps: int = 10

    assert list(Turned.model_fields) != list(Before.model_fields)
    assert repr(Parameters(Turned())) == repr(Parameters(Before()))


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Before().steps = 3


def test_parameters_in_mappings_and_sequences():
    first, second = (as_parameters({"a": (s, 3), "b": None}) for s in (Before(), Later()))
    assert repr(first) == repr(second)
    assert pickle.loads(pickle.dumps(second)) == {"a": [Later().model_dump(), 3], "b": None}
