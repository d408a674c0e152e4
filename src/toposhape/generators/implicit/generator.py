"""Implicit generators as what every family offers: codes in, signed distance out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toposhape.settings.implicit import Reconstruction

from ..contract import Examples, Generator, Shape
from ..filtered_codes import FilteredCodes
from ..priors import Prior, filtered_density, interpolation, kernel_density, normal, posterior
from .codes import VariationalCodes
from .decoder import ImplicitDecoder
from .fields import SYNTHESIS_TOLERANCE, fields_on_grid
from .reconstruction import reconstruct


@dataclass(frozen=True, eq=False)
class ImplicitGenerator(Generator):
    """A shape generator f(x, z) with the codes of its training shapes.

    Attributes:
        decoder: f, in evaluation mode.
        codes: posteriors of the training shapes.
        shape_ids: of the training shapes, in the codes' order.
        metadata: settings, digest, seed, why training ended, device, versions.
        filtered: reads codes whose shapes are as wanted; None if there are none.
    """

    family: ClassVar[str] = "implicit"
    decoder: ImplicitDecoder
    codes: VariationalCodes
    shape_ids: tuple[str, ...]
    metadata: Mapping[str, Any]
    filtered: Callable[[], FilteredCodes] | None = None

    @property
    def latent_size(self) -> int:
        """Numbers d in a code."""
        return self.decoder.latent_size

    @property
    def mirrored(self) -> bool:
        """Whether its decoder sees |x|."""
        return self.decoder.settings.mirrored

    @property
    def priors(self) -> Mapping[str, Prior]:
        """N(0, I), around and between the codes of training shapes, and their posteriors.

        With filtered codes beside these, too.
        """
        means = self.codes.means.detach().cpu().numpy()
        deviations = (0.5 * self.codes.log_variances).exp().detach().cpu().numpy()
        return {
            "normal": normal,
            "kernel_density": kernel_density(means),
            "interpolation": interpolation(means),
            "posterior": posterior(means, deviations),
            **({"filtered_density": filtered_density(self.filtered)} if self.filtered else {}),
        }

    def shapes(self, codes: NDArray[np.float32], resolution: int) -> Iterator[Shape]:
        """The fields of codes (n, d), exact near the surface, as scores want them."""
        fields = fields_on_grid(self.decoder, codes, resolution, tolerance=SYNTHESIS_TOLERANCE)
        return map(Shape, fields)

    def fit_codes(
        self, examples: Examples, settings: Reconstruction, seed: int
    ) -> NDArray[np.float32]:
        """Fit a code to the samples of every example: (n, d)."""
        return reconstruct(self.decoder, examples.samples, examples.shapes, settings, seed)

    def reconstruct(
        self, examples: Examples, resolution: int, settings: Reconstruction, seed: int
    ) -> Iterator[Shape]:
        """Fit a code to every example, then make its shape."""
        return self.shapes(self.fit_codes(examples, settings, seed), resolution)
