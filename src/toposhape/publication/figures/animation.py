"""Pictures as a film that every browser shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toposhape.base.files import whole

COLOURS = 64
FRAME, LAST_FRAME = 150, 2000  # how long they stay [ms]


def save_animation(pictures: Sequence[NDArray[np.uint8]], path: str | Path) -> None:
    """Write an endless GIF that rests on its last picture.

    Args:
        pictures: (h, w, 3) each, all of one size.
        path: file to write.
    """
    frames = [Image.fromarray(picture).quantize(COLOURS) for picture in pictures]
    times = [FRAME] * (len(frames) - 1) + [LAST_FRAME]
    with whole(path) as file:
        frames[0].save(file, save_all=True, append_images=frames[1:], duration=times, loop=0)
