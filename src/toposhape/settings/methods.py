"""Rows of the tables: a method belongs to a family of generators, which says what else it has."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Tag, TypeAdapter, model_validator

from .base import Count, Name, PositiveShare, Settings, key
from .joint import TopologicalTerms

PublishedRow = Literal[
    "DeepSDF-VAD",
    "DeepSDF-SE-VAD",
    "3DShape2VecSet",
    "Ours-DeepSDF",
    "Ours-DeepSDF-SE",
    "No PD Smoothness",
    "No PD Training",
]
"""Rows of the paper's tables, as printed there."""


Prior = Literal["gan", "diffusion", "gaussian"]
"""Of the codes of ShapeGF."""

FAMILY_MEANING = "implicit, vector_sets for 3DShape2VecSet, gradient_fields for ShapeGF"


class Method(Settings):
    """What every row has."""

    baseline: Name | None = key(None, "the row that relative changes refer to")
    published: PublishedRow | None = key(None, "its row in the paper's table, if it has one")


class ImplicitMethod(Method):
    """A variant of the implicit shape generator, and the terms of its joint training."""

    family: Literal["implicit"] = key("implicit", FAMILY_MEANING)
    variant: Name = key(..., "whose pretrained shape generator it starts from")
    topology: TopologicalTerms = key(
        TopologicalTerms(),
        "terms of the second stage, which a baseline has without them",
        source="readings 11, 12",
    )


class VectorSetMethod(Method):
    """3DShape2VecSet; its networks are those of `vector_sets`."""

    family: Literal["vector_sets"] = key("vector_sets", FAMILY_MEANING)


class GradientFieldMethod(Method):
    """ShapeGF; its networks are those of `gradient_fields`."""

    family: Literal["gradient_fields"] = key("gradient_fields", FAMILY_MEANING)
    prior: Prior = key(
        "gan",
        "of codes: gan, the published one; diffusion; gaussian, their mean and covariance",
        source="published: gan",
    )


class SharedMethod(Method):
    """A row of other shapes of a generator that another row trains: it trains nothing."""

    family: ClassVar[str] = "shared"
    trained_as: Name = key(..., "the method whose generator this row draws from; it trains nothing")
    prior: Literal["normal", "kernel_density", "interpolation", "filtered_density"] = key(
        "normal",
        "of codes: normal, N(0, I); kernel_density, near those of training shapes; interpolation, "
        "between two of these; filtered_density, beside codes that code_filter has kept",
        source="not in the paper",
    )
    bandwidth: PositiveShare = key(
        0.35,
        "h of kernel_density, z = sqrt(1 - h^2) mu_i + h eps; 1 is normal",
        source="not in the paper",
    )
    neighbours: Count = key(
        10,
        "of interpolation: the second shape is one of so many with the nearest codes",
        source="not in the paper",
        neutral=10,
    )
    jitter: PositiveShare = key(
        0.05,
        "s of filtered_density, z = sqrt(1 - s^2) a_j + s eps with a_j a code that was kept",
        source="not in the paper",
        neutral=0.05,
    )
    repair: bool = key(
        False,
        "loose pieces are joined or taken away; repairs.csv lists every change",
        source="not in the paper",
    )
    one_piece: bool = key(
        False,
        "a shape is drawn again until it is in one piece, at most 40 codes for a shape on average",
        source="not in the paper",
        neutral=False,
    )
    stands: bool = key(
        False,
        "... and until it would stand, its centre of mass over its feet",
        source="not in the paper",
        neutral=False,
    )
    nothing_dangles: bool = key(
        False,
        "... and until no part ends in the air, as torn legs do",
        source="not in the paper",
        neutral=False,
    )
    best_of: Count = key(
        1,
        "of so many shapes that are as wanted, near the same training shape, the one whose "
        "diagrams are nearest to PD(z); 1: the first",
        source="not in the paper",
        neutral=1,
    )

    @model_validator(mode="after")
    def _shapes_are_chosen_or_repaired(self) -> "SharedMethod":
        wishes = self.one_piece or self.stands or self.nothing_dangles or self.best_of > 1
        if self.repair and wishes:
            raise ValueError(
                "a row repairs its shapes (repair) or draws until they are as wanted (one_piece, "
                "stands, nothing_dangles, best_of), not both: take one away"
            )
        return self


def _family(value: Any) -> str:
    """The family of a method, read or as it is written."""
    if isinstance(value, Mapping):
        return "shared" if "trained_as" in value else value.get("family", "implicit")
    return getattr(value, "family", "implicit")


AnyMethod = Annotated[
    Annotated[ImplicitMethod, Tag("implicit")]
    | Annotated[VectorSetMethod, Tag("vector_sets")]
    | Annotated[GradientFieldMethod, Tag("gradient_fields")]
    | Annotated[SharedMethod, Tag("shared")],
    Discriminator(
        _family,
        custom_error_type="unknown_family",
        custom_error_message="family must be implicit, vector_sets or gradient_fields",
    ),
]
"""A method of any family; without one, `implicit`, or one that shares a training."""


def read_method(values: Mapping[str, Any]) -> Method:
    """A method from plain values."""
    return TypeAdapter(AnyMethod).validate_python(values)
