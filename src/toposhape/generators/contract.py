"""What every family of generators offers, whatever it is inside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.surfaces import extract_surface

from .priors import Prior, normal

if TYPE_CHECKING:
    import trimesh


@dataclass(frozen=True, eq=False)
class Shape:
    """A generated shape in the shape frame: a field, a point cloud, or both.

    Attributes:
        field: (R, R, R) float32 signed distance on the grid of [-1, 1]^3, negative inside; None if
            its generator makes points alone.
        cloud: (P, 3) float32 points on its surface; None if its generator makes fields alone.

    Raises:
        ValueError: if it has neither.

    Examples:
        >>> import numpy as np
        >>> x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 32, dtype=np.float32)], indexing="ij")
        >>> ball = Shape(np.hypot(np.hypot(x, y), z) - 0.5)
        >>> ball.mesh().is_watertight, f"{ball.mesh().volume:.2f}"  # of the ball: 0.52
        (True, '0.52')
    """

    field: NDArray[np.float32] | None = None
    cloud: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.field is None and self.cloud is None:
            raise ValueError("a Shape needs a field or a cloud")

    def mesh(self) -> trimesh.Trimesh:
        """The zero level set of the field, by marching cubes; without faces if there is none.

        Raises:
            ValueError: of a shape without a field.
        """
        if self.field is None:
            raise ValueError("this shape is a point cloud: its generator makes no field to mesh")
        import trimesh  # half a second, which trainings need not wait

        return trimesh.Trimesh(*extract_surface(self.field), process=False)


def fields_of(shapes: Iterable[Shape]) -> Iterator[NDArray[np.float32]]:
    """The field of each shape.

    Raises:
        ValueError: of a shape without one.
    """
    for shape in shapes:
        if shape.field is None:
            raise ValueError("a field is needed, and this generator makes point clouds alone")
        yield shape.field


class Examples(NamedTuple):
    """Given shapes that a generator shall reconstruct.

    Attributes:
        shapes: their ids.
        samples: by id signed-distance samples (2, m/2, 4): inside, outside; x, y, z, distance.
        surfaces: by id points (P, 3) of the visible surface, in random order.
    """

    shapes: Sequence[str]
    samples: Mapping[str, NDArray[np.float32]]
    surfaces: Mapping[str, NDArray[np.float32]]


class Generator(ABC):
    """A trained generator of shapes; `families.load` reads one of any family.

    A family is a folder of this package with a subclass; its line in `families.FAMILIES` makes it
    known. Training is the family's own business.

    Attributes:
        family: its name in `families.FAMILIES`.
        metadata: what its JSON file says: settings, seed, shapes, why training ended, versions.

    Examples:
        What a family has to have: balls whose code is the radius.

        >>> import numpy as np
        >>> class Balls(Generator):
        ...     latent_size = 1
        ...     def shapes(self, codes, resolution):
        ...         axes = 3 * [np.linspace(-1, 1, resolution, dtype=np.float32)]
        ...         x, y, z = np.meshgrid(*axes, indexing="ij")
        ...         for radius in np.abs(codes[:, 0]):
        ...             yield Shape(np.hypot(np.hypot(x, y), z) - radius)
        ...     def reconstruct(self, examples, resolution, settings, seed):
        ...         radii = [np.linalg.norm(examples.surfaces[s][0]) for s in examples.shapes]
        ...         return self.shapes(np.array(radii, np.float32)[:, None], resolution)
        >>> codes = np.array([[0.3], [0.6]], np.float32)
        >>> [shape.field.shape for shape in Balls().shapes(codes, resolution=8)]
        [(8, 8, 8), (8, 8, 8)]
    """

    family: ClassVar[str]
    metadata: Mapping[str, Any]

    @property
    def mirrored(self) -> bool:
        """Whether its fields are functions of |x|, y, z."""
        return False

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Numbers d in a code."""

    @property
    def priors(self) -> Mapping[str, Prior]:
        """How codes are drawn, by name; every family has `normal`, N(0, I)."""
        return {"normal": normal}

    @abstractmethod
    def shapes(self, codes: NDArray[np.float32], resolution: int) -> Iterator[Shape]:
        """Make a shape of each code, one after the other.

        Args:
            codes: (n, d).
            resolution: R of their fields.
        """

    @abstractmethod
    def reconstruct(
        self, examples: Examples, resolution: int, settings: Any, seed: int
    ) -> Iterator[Shape]:
        """Make the shape that comes nearest to each example.

        Args:
            examples: given shapes, which the generator was not trained on.
            resolution: R of the fields.
            settings: `settings.implicit.Reconstruction`.
            seed: of whatever is drawn.
        """

    def fit_codes(self, examples: Examples, settings: Any, seed: int) -> NDArray[np.float32]:
        """Fit a code to each example: (n, d); of families whose codes can be fitted.

        Args:
            examples: given shapes.
            settings: `settings.implicit.Reconstruction`.
            seed: of whatever is drawn.

        Raises:
            ValueError: if the family's codes are noise that no shape can be traced back to.
        """
        del examples, settings, seed
        raise ValueError(
            f"codes of the family {self.family} cannot be fitted to a shape: give seeds, or a "
            "generator of the family implicit"
        )
