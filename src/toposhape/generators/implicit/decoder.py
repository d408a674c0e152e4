"""DeepSDF's decoder: one network that holds the signed distances of all shapes.

Park et al., DeepSDF, CVPR 2019; geometric initialisation: Gropp et al., IGR, ICML 2020; sine
layers: Sitzmann et al., SIREN, NeurIPS 2020.
"""

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from toposhape.settings.implicit import Decoder

from .lipschitz import bound_rows

Activation = Literal["relu", "silu", "softplus", "sine"]

INITIAL_RADIUS = 0.5  # of the sphere that a geometrically initialised decoder starts from
SLIGHT = 0.02  # what is left of weights that would pull it away from the sphere; 0 has no direction


class InputLayer(nn.Module):
    """The affine map of (x, z), without ever writing z beside every point.

    W (x, z) + b = W_x x + (W_z z + b); the bracket is computed once for each shape.
    """

    def __init__(self, latent_size: int, width: int) -> None:
        super().__init__()
        self.point = nn.Linear(3, width, bias=False)
        self.code = nn.Linear(latent_size, width)

    def forward(self, points: Tensor, codes: Tensor) -> Tensor:
        """Map (B, P, 3) and (B, d) to (B, P, width)."""
        weight = self.point.weight.t().expand(len(points), -1, -1)
        return torch.baddbmm(self.code(codes).unsqueeze(1), points, weight)


class ImplicitDecoder(nn.Module):
    """f(x, z): signed distance at x of the shape with code z, negative inside.

    `depth` hidden layers of `width` units and an affine output. The layers named in `skip_layers`
    (the first is 0) see (x, z) again; with `narrow_skip` the layers before them have so many units
    fewer that both together are `width`, as published.

    Attributes:
        latent_size: d, the size of a code.
        activation: relu, silu, softplus or sine.
        bounds: of the layers' norms, see `lipschitz`; None if the layers are free.
    """

    inputs: Any  # torch's lists of modules do not say of which kind theirs are
    hidden: Any
    bounds: Any

    def __init__(
        self, settings: Decoder, activation: Activation = "relu", *, lipschitz: bool = False
    ) -> None:
        """Build the network; its weights come from torch's global random state.

        Args:
            settings: of the network.
            activation: relu, silu, softplus or sine.
            lipschitz: whether layers have a learned bound; it takes the place of weight_norm.

        Raises:
            ValueError: if a skip layer does not exist, or leaves no room for the units before it.
        """
        super().__init__()
        wrong = [i for i in settings.skip_layers if not 0 < i < settings.depth]
        if wrong:
            raise ValueError(
                f"decoder.skip_layers: {wrong} are no hidden layers; 1 to {settings.depth - 1} are"
            )
        seen_again = settings.latent_size + 3 if settings.narrow_skip else 0
        if seen_again and seen_again >= settings.width:
            raise ValueError(
                f"decoder.narrow_skip: latent_size + 3 = {seen_again} leaves nothing of width "
                f"{settings.width}; widen the network or set narrow_skip to false"
            )
        widths = [
            settings.width - (seen_again if i + 1 in settings.skip_layers else 0)
            for i in range(settings.depth)
        ]
        self.settings = settings
        self.activation: Activation = activation
        self.latent_size = settings.latent_size
        self.dropout = settings.dropout
        at_input = (0, *settings.skip_layers)
        self.inputs = nn.ModuleDict(
            {str(i): InputLayer(settings.latent_size, widths[i]) for i in at_input}
        )
        self.hidden = nn.ModuleList(
            nn.Linear(widths[i - 1], widths[i], bias=i not in settings.skip_layers)
            for i in range(1, settings.depth)
        )
        self.output = nn.Linear(settings.width, 1)
        self._initialise()
        self.bounds = bound_rows(self) if lipschitz else None
        if settings.weight_norm and not lipschitz:
            for layer in [m for m in self.modules() if isinstance(m, nn.Linear)]:
                nn.utils.parametrizations.weight_norm(layer)

    def forward(self, points: Tensor, codes: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Signed distances (B, P) at the points (B, P, 3) of the shapes with codes (B, d).

        Args:
            points: x.
            codes: z.
            dtype: of hidden values and their products, if not that of the weights. The affine maps
                of (x, z) and the output stay as they are: a coordinate in bfloat16 would be wrong
                by up to an eighth of a grid spacing.
        """
        points = mirrored(points) if self.settings.mirrored else points
        values = self._activate(self._see(0, points, codes, dtype))
        for i, layer in enumerate(self.hidden, start=1):
            values = self._activate(self._affine(i, layer, values, points, codes))
        distances = self.output(values.to(points.dtype)).view(points.shape[:2])
        return torch.tanh(distances) if self.settings.tanh_output else distances

    @property
    def hidden_matrices(self) -> list[nn.Parameter]:
        """The weights between hidden layers, for Muon.

        Empty if they are normalised: the direction of such a weight is no matrix to step along.
        """
        normalised = self.settings.weight_norm or self.bounds is not None
        return [] if normalised else [layer.weight for layer in self.hidden]

    def _see(self, i: int, points: Tensor, codes: Tensor, dtype: torch.dtype | None) -> Tensor:
        seen: Tensor = self.inputs[str(i)](points, codes).flatten(0, 1)
        return seen if dtype is None else seen.to(dtype)

    def _affine(
        self, i: int, layer: nn.Linear, values: Tensor, points: Tensor, codes: Tensor
    ) -> Tensor:
        weight = layer.weight.to(values.dtype)
        if str(i) in self.inputs:
            seen_again = self._see(i, points, codes, values.dtype)
            return torch.addmm(seen_again, values, weight.t())
        return functional.linear(values, weight, layer.bias.to(values.dtype))

    def _activate(self, values: Tensor) -> Tensor:
        if self.activation == "relu":
            values = functional.relu(values)
        elif self.activation == "silu":
            values = functional.silu(self.settings.sharpness * values) / self.settings.sharpness
        elif self.activation == "softplus":
            values = functional.softplus(values, self.settings.sharpness)
        else:
            values = torch.sin(values)
        return dropped(values, self.dropout) if self.dropout and self.training else values

    @torch.no_grad()
    def _initialise(self) -> None:
        if self.output.weight.is_meta:  # to draw no numbers, torch would import its compiler: 1 s
            return
        if self.activation == "sine":
            self._initialise_sine()
        elif self.settings.geometric_initialisation:
            self._initialise_sphere()

    def _initialise_sine(self) -> None:
        """SIREN, with omega_0 multiplied into the weights that Adam sees.

        Written so, a step of the learning rate moves a sine layer as far as any other layer. Only
        the point's first layer has high frequencies: codes shall not make shapes oscillate.
        """
        bound = math.sqrt(6 / self.settings.width)
        for layer in [*self.hidden, *(i.point for i in self.inputs.values())]:
            nn.init.uniform_(layer.weight, -bound, bound)
        for layer in self.inputs.values():
            nn.init.normal_(layer.code.weight, std=0.5 / math.sqrt(self.latent_size))
        frequency = self.settings.sine_frequency / 3
        nn.init.uniform_(self.inputs["0"].point.weight, -frequency, frequency)
        nn.init.uniform_(self.output.weight, -bound / 10, bound / 10)

    def _initialise_sphere(self) -> None:
        """IGR: f starts near |x| - INITIAL_RADIUS whatever the code is."""
        width = self.settings.width
        for layer in [*self.hidden, *(part for i in self.inputs.values() for part in i.children())]:
            nn.init.normal_(layer.weight, std=math.sqrt(2 / width))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        for i, layer in self.inputs.items():
            layer.code.weight *= SLIGHT
            if i != "0":
                layer.point.weight *= SLIGHT
        nn.init.normal_(self.output.weight, mean=math.sqrt(math.pi / width), std=1e-5)
        nn.init.constant_(self.output.bias, -INITIAL_RADIUS)


def mirrored(points: Tensor) -> Tensor:
    """The points (..., 3) with |x|: what a network sees that tells no left from right."""
    return torch.cat([points[..., :1].abs(), points[..., 1:]], dim=-1)


def dropped(values: Tensor, share: float) -> Tensor:
    """Dropout; on a CPU from 16 random bits a unit, in a quarter of the time of torch's own.

    The share that is left out is then exact to 2^-16.
    """
    if values.device.type != "cpu":
        return functional.dropout(values, share)
    words = torch.empty(-(-values.numel() // 4), dtype=torch.int64)
    words.random_(-(1 << 63), None)
    bits = words.view(torch.int16)[: values.numel()].view(values.shape)
    kept = bits >= round(share * (1 << 16)) - (1 << 15)
    return values * kept.to(values.dtype).mul_(1 / (1 - share))
