"""A decoder for inference only: one shape, weights cast once, activations in place."""

import torch
from torch import Tensor
from torch.nn import functional

from .decoder import ImplicitDecoder, mirrored


class FrozenDecoder:
    """f(., z) of one shape, without gradients and without dropout.

    In a lower precision the affine maps of the coordinates and the last sum stay in float32: a
    coordinate in bfloat16 would be wrong by up to an eighth of a grid spacing. Hidden values are
    held in units of 1 / sharpness, which saves SiLU and softplus their two scalings.
    """

    def __init__(self, decoder: ImplicitDecoder, code: Tensor, dtype: torch.dtype) -> None:
        """Freeze a decoder at a code (d,) float32."""
        self.dtype = dtype
        self.activation = decoder.activation
        self.mirrored = decoder.settings.mirrored
        self.tanh_output = decoder.settings.tanh_output
        has_sharpness = self.activation in ("silu", "softplus")
        scale = decoder.settings.sharpness if has_sharpness else 1.0
        self.inputs = {
            int(i): (scale * layer.code(code[None]), scale * layer.point.weight.t())
            for i, layer in decoder.inputs.items()
        }
        self.hidden = [
            (layer.weight.to(dtype), None if layer.bias is None else (scale * layer.bias).to(dtype))
            for layer in decoder.hidden
        ]
        self.output = decoder.output.weight[0] / scale, decoder.output.bias

    def __call__(self, points: Tensor) -> Tensor:
        """Signed distances (P,) float32 at points (P, 3) float32."""
        points = mirrored(points) if self.mirrored else points
        values = self._activate(self._see(0, points))
        for i, (weight, bias) in enumerate(self.hidden, start=1):
            if i in self.inputs:
                values = torch.addmm(self._see(i, points), values, weight.t())
            else:
                values = functional.linear(values, weight, bias)
            values = self._activate(values)
        weight, bias = self.output
        distances = torch.mv(values.float(), weight) + bias
        return torch.tanh(distances) if self.tanh_output else distances

    def _see(self, i: int, points: Tensor) -> Tensor:
        of_code, weight = self.inputs[i]
        return torch.addmm(of_code, points, weight).to(self.dtype)

    def _activate(self, values: Tensor) -> Tensor:
        if self.activation == "relu":
            return rectified_(values)
        if self.activation == "silu":
            return functional.silu(values, inplace=True)
        if self.activation == "softplus":
            return functional.softplus(values)
        return values.sin_()


def rectified_(values: Tensor) -> Tensor:
    """ReLU in place. Of bfloat16 on a processor several times as fast as torch's: as int16.

    The sign of a bfloat16 is that of its bits read as int16, so whatever is negative is clamped
    to 0, to which a negative zero comes as well; so does a NaN whose sign bit is set.
    """
    if values.dtype == torch.bfloat16 and values.device.type == "cpu":
        values.view(torch.int16).clamp_(min=0)
        return values
    return values.relu_()
