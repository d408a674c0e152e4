"""The published training loop of DeepSDF, run where it lies: a peer of `training.py`.

`main_function` of train_deep_sdf.py runs as it is, with the published network, its own data loader
and npz files. It moves everything to a GPU; on a CPU, `.cuda()` returns what it was given.
"""

import importlib
import json
import logging
import os
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


class Clock:
    """Takes the place of a learning rate's schedule, which is asked before and after each epoch."""

    def __init__(self, rate: float, device: str) -> None:
        self.rate = rate
        self.device = device
        self.marks: list[float] = []

    def get_learning_rate(self, _epoch: int) -> float:
        """The rate; the time is noted."""
        self.marks.append(processor_seconds(self.device))
        return self.rate


def processor_seconds(device: str) -> float:
    """Of this process and of its workers that have ended; on a GPU, seconds when it is idle."""
    if device == "cuda":
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time() + sum(os.times()[2:4])


class PublishedLoop:
    """An experiment of DeepSDF's code on given samples."""

    def __init__(
        self,
        checkout: Path,
        folder: Path,
        samples: NDArray[np.float32],
        batch: tuple[int, int],
        workers: int,
        device: str,
    ) -> None:
        """Write specifications and data.

        Args:
            checkout: of github.com/facebookresearch/DeepSDF.
            folder: for the experiment's files.
            samples: (shapes, 2, m/2, 4), inside and outside points.
            batch: shapes of a step, and samples of each.
            workers: of the data loader.
            device: cpu or cuda.
        """
        self.folder, self.device = folder, device
        names = [f"shape{i}" for i in range(len(samples))]
        place = folder / "SdfSamples" / "made" / "up"
        place.mkdir(parents=True)
        for name, (inside, outside) in zip(names, samples, strict=True):
            np.savez(place / f"{name}.npz", pos=outside, neg=inside)
        (folder / "split.json").write_text(json.dumps({"made": {"up": names}}))
        published = json.loads((checkout / "examples" / "chairs" / "specs.json").read_text())
        self.specs = {
            **published,
            "Description": "",
            "DataSource": str(folder),
            "TrainSplit": str(folder / "split.json"),
            "NumEpochs": 1,
            "DataLoaderThreads": workers,
            "ScenesPerBatch": batch[0],
            "SamplesPerScene": batch[1],
        }
        (folder / "specs.json").write_text(json.dumps(self.specs))
        self._module = _import(checkout, device)

    def epoch(self) -> float:
        """Seconds of an epoch, its data loader's workers included."""
        torch.set_flush_denormal(False)
        clocks = Clock(5e-4, self.device), Clock(1e-3, self.device)
        self._module.get_learning_rate_schedules = lambda specs: list(clocks)
        self._module.main_function(str(self.folder), None, 1)
        # asked when the optimiser is made, at the epoch's beginning, and at its end
        return clocks[0].marks[-1] - clocks[0].marks[-2]


def _import(checkout: Path, device: str) -> Any:
    sys.path.insert(0, str(checkout))
    sys.modules.setdefault("plyfile", types.ModuleType("plyfile"))  # for meshes, not for training
    if device == "cpu":
        torch.Tensor.cuda = lambda self: self
        torch.nn.Module.cuda = lambda self: self
    logging.disable(logging.WARNING)
    return importlib.import_module("train_deep_sdf")
