"""A script as a user writes it: torchrun starts it once for each process (test_processes.py)."""

import os
import sys
from pathlib import Path

import torch
from test_processes import SETTINGS, SHARED_VARIANT
from test_shape_generator import train

from toposhape.learning.processes import join_team, start_processes

torch.set_num_threads(1)
start_processes(2)
device = join_team("cpu")
folder = Path(sys.argv[1])
with (folder / f"process{os.environ['RANK']}.pid").open("w") as file:
    file.write(str(os.getpid()))
train(folder, SETTINGS, SHARED_VARIANT, device=device)
