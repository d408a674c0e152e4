"""Torch's optimisers without the marks that they carry for torch's compiler.

`torch.optim` tells the compiler where to stop tracing. To be told, the compiler (`torch._dynamo`)
is imported when the first optimiser is made, and that takes as long as torch itself: 1.4 s of
every job that trains (`benchmarks/start_up.py`). Nothing here is compiled; the arithmetic is
torch's own, unmarked.
"""

from inspect import unwrap

import torch


class Unmarked(torch.optim.Optimizer):
    """What all optimisers share, without the marks."""

    add_param_group = unwrap(torch.optim.Optimizer.add_param_group)
    load_state_dict = unwrap(torch.optim.Optimizer.load_state_dict)
    state_dict = unwrap(torch.optim.Optimizer.state_dict)
    zero_grad = unwrap(torch.optim.Optimizer.zero_grad)


class Adam(Unmarked, torch.optim.Adam):
    """`torch.optim.Adam`."""

    step = torch.no_grad()(unwrap(torch.optim.Adam.step))


class AdamW(Unmarked, torch.optim.AdamW):
    """`torch.optim.AdamW`."""

    step = torch.no_grad()(unwrap(torch.optim.AdamW.step))


class SGD(Unmarked, torch.optim.SGD):
    """`torch.optim.SGD`."""

    step = torch.no_grad()(unwrap(torch.optim.SGD.step))
