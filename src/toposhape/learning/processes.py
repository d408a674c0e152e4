"""Several processes that share one training, each with a GPU of its own (or with CPU threads).

Every process draws the same batch from the seed and computes a share of its shapes; gradients are
summed over all, and all take the same step. So weights never differ, and the first process alone
writes.
"""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.distributed
from torch import Tensor, nn

from .seeds import choose_device

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Team(NamedTuple):
    """The processes of a training, as one of them sees it.

    Attributes:
        rank: which one this is; 0 writes.
        size: how many there are.
    """

    rank: int = 0
    size: int = 1

    def share(self, count: int) -> slice:
        """Which of so many items this process computes; it may be none."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            torch.distributed.all_reduce(values)
        return values

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all gradients, in one message."""
        if self.size == 1:
            return
        learned = [p for p in parameters if p.requires_grad]
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in learned]
        summed = self.sum(torch.cat([gradient.flatten() for gradient in gradients]))
        parts = summed.split([p.numel() for p in learned])
        for parameter, part in zip(learned, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.size > 1:
            torch.distributed.barrier()


def current_team() -> Team:
    """The team that this process has joined, or a team of one."""
    if not torch.distributed.is_initialized():
        return Team()
    return Team(torch.distributed.get_rank(), torch.distributed.get_world_size())


def start_processes(count: int) -> None:
    """Let torchrun run this same script `count` times, and end as it ends.

    Nothing happens if one process is enough, or within a process that torchrun has started.
    """
    if count > 1 and "WORLD_SIZE" not in os.environ:
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        run = subprocess.run(
            [*torchrun, f"--nproc-per-node={count}", *sys.argv], preexec_fn=_end_with_parent
        )
        sys.exit(run.returncode)


def join_team(wish: str) -> torch.device:
    """Join the other processes that torchrun has started, if it has.

    Args:
        wish: auto, cpu or cuda, see `choose_device`.

    Returns:
        The device of this process.

    Raises:
        ValueError: if there are more processes than GPUs.
    """
    device = choose_device(wish)
    if "WORLD_SIZE" not in os.environ:
        return device
    _end_with_parent()
    if device.type == "cuda":
        place, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if place >= gpus:
            raise ValueError(
                f"shape_generator.training.processes: {os.environ['LOCAL_WORLD_SIZE']} processes, "
                f"but torch sees {gpus} GPUs; each needs one"
            )
        device = torch.device("cuda", place)
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    atexit.register(torch.distributed.destroy_process_group)
    return device


def _end_with_parent() -> None:
    """After kill -9 of who started it, a process shall not go on writing; Linux alone knows how."""
    if LIBC is not None:
        LIBC.prctl(DIE_WITH_PARENT, signal.SIGKILL)
