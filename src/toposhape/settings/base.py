"""What every group of settings is made of: keys with a meaning, bounded numbers, identities."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


def _without_repetition(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if repeated := sorted({str(each) for each in values if values.count(each) > 1}):
        raise ValueError(f"{', '.join(repeated)} stands more than once")
    return values


Unique = AfterValidator(_without_repetition)
"""Of a tuple: nothing stands in it twice."""

OWN = ("unit", "source", "neutral", "without_influence")
EXPONENT = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")


def key(default: Any, meaning: str, **declared: Any) -> Any:
    """Declare what a name of a group of settings stands for, in place of pydantic's `Field`.

    Args:
        default: its value where a configuration leaves it out; `...`: it is required.
        meaning: what it means, for whoever edits `config.yaml`.
        declared: `unit` and `source` (a reading, a paper and its value; without one the default
            is ours); `neutral`, for a key that came later: the value at which everything is as it
            was before the key existed, and at which identities leave the key out;
            `without_influence=True`: no result depends on it, identities always leave it out;
            everything else is handed to `Field` (bounds: ge, gt, le, lt, multiple_of).
    """
    extra = {name: _plain(declared.pop(name)) for name in OWN if name in declared}
    return Field(default, description=meaning, json_schema_extra=extra or None, **declared)


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """YAML's true is no number, and its 1e-4, which it reads as a string, is one."""
        kinds = _kinds(cls.model_fields[info.field_name or ""].annotation)
        return _number(value) if kinds & {int, float} and bool not in kinds else value

    def identity(self) -> dict[str, Any]:
        """What names a training or the work of a rule: its settings as plain JSON values.

        It is the values that count, given or default. Left out are keys without influence on
        results, and keys that came after results were made and stand at their neutral value.
        """
        kept = {}
        for name, field in type(self).model_fields.items():
            extra = declared(field)
            value = _plain(getattr(self, name))
            if extra.get("without_influence") or value == extra.get("neutral", _NEVER):
                continue
            kept[name] = value
        return kept


_NEVER = object()


def declared(field: FieldInfo) -> Mapping[str, Any]:
    """What a key says of itself beside its meaning and bounds: see `key`."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, Mapping) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, Settings):
        return value.identity()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value


def _kinds(annotation: Any) -> set[type]:
    """The types that may stand at a key, within containers too."""
    if get_origin(annotation) is Literal:
        return {type(value) for value in get_args(annotation)}
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    inner = [_kinds(each) for each in get_args(annotation)]
    return set().union(*inner) if inner else {annotation}


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("this is a number, neither true nor false")
    if isinstance(value, (list, tuple)):
        return [_number(each) for each in value]
    if isinstance(value, str) and EXPONENT.fullmatch(value.strip()):
        return float(value)
    return value
