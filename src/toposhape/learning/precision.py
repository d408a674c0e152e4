"""How exactly a GPU multiplies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

Precision = Literal["float32", "tf32", "bfloat16"]


@contextmanager
def fast_products(precision: Precision, device: torch.device | str) -> Iterator[None]:
    """Let a GPU multiply float32 by TF32 units meanwhile, unless float32 is asked for.

    Afterwards all is as before: diagrams and their critical values are never taken in TF32.
    """
    before = torch.get_float32_matmul_precision()
    if torch.device(device).type == "cuda" and precision != "float32":
        torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
