"""Settings as parameters of a rule: its job gets all of them, Snakemake compares their identity."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from .base import Settings


class Parameters(dict[str, Any]):
    """The plain values of a group of settings, as a job reads them.

    Snakemake stores the `repr` of a rule's parameters beside its outputs and reruns the rule when
    it is another one. Ours is the group's identity: neither a key that came later and is neutral,
    nor one without influence on results, nor the order of keys makes it another one.
    """

    def __init__(self, settings: Settings, leave_out: Collection[str] = ()) -> None:
        super().__init__(settings.model_dump(mode="json", exclude=set(leave_out)))
        self._identity = {k: v for k, v in settings.identity().items() if k not in leave_out}

    def __repr__(self) -> str:
        return json.dumps(self._identity, sort_keys=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a job unpickles its parameters before it can import this


def as_parameters(value: Any) -> Any:
    """Settings, alone or in mappings and sequences, as parameters of a rule."""
    if isinstance(value, Settings):
        return Parameters(value)
    if isinstance(value, Mapping):
        return {name: as_parameters(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_parameters(each) for each in value]
    return value
