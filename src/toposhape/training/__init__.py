"""Training of the generators: objectives by equation number, stages, state and resume."""

from .checkpoints import CheckpointError, CheckpointFolder
from .randomness import choose_device, random_source
from .reconstruction import reconstruct
from .samples import SampleSource
from .schedule import DivergenceError
from .shape_generator import train_shape_generator
from .store import TrainedGenerator, load_generator, save_generator

__all__ = [
    "CheckpointError",
    "CheckpointFolder",
    "DivergenceError",
    "SampleSource",
    "TrainedGenerator",
    "choose_device",
    "load_generator",
    "random_source",
    "reconstruct",
    "save_generator",
    "train_shape_generator",
]
