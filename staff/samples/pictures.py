"""Generated pictures in the form of CIFAR-10: one simple shape for each of the ten classes, on a plain ground.

Place, size and colours are drawn at random; every class has a favourite hue, which it has in two pictures of three.
"""

import colorsys
import random

import numpy as np
import numpy.typing as npt

SIDE = 32
CLASSES = 10
_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE]
_FAVOURITE = 2 / 3


def pictures(source: random.Random, count: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Images uint8 (count, 32, 32, 3) and labels int64 (count,), every label equally often, in random order."""
    labels = [number % CLASSES for number in range(count)]
    source.shuffle(labels)
    return np.stack([_picture(source, label) for label in labels]), np.array(labels, dtype=np.int64)


def _picture(source: random.Random, label: int) -> npt.NDArray[np.uint8]:
    centre = source.randint(12, 19), source.randint(12, 19)
    mask = _mask(label, centre, source.randint(7, 11))
    hue = label / CLASSES if source.random() < _FAVOURITE else source.random()
    ground = _colour(source.random(), 0.2, source.uniform(0.1, 0.4))
    shape = _colour(hue + source.uniform(-0.03, 0.03), 0.8, source.uniform(0.6, 1))
    return np.where(mask[..., None], shape, ground)


def _colour(hue: float, saturation: float, value: float) -> npt.NDArray[np.uint8]:
    red_green_blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return np.array([int(255 * part) for part in red_green_blue], np.uint8)


def _mask(label: int, centre: tuple[int, int], size: int) -> npt.NDArray[np.bool_]:
    """Where the shape of a class is, (32, 32)."""
    down, right = np.abs(_ROWS - centre[0]), np.abs(_COLUMNS - centre[1])
    distance = np.hypot(down, right)
    inside = np.maximum(down, right) <= size
    shapes = (
        distance <= size,  # disc
        inside,  # square
        (distance <= size) & (distance >= size - 3),  # ring
        inside & (np.maximum(down, right) >= size - 2),  # frame
        inside & (np.minimum(down, right) <= 2),  # cross
        inside & (np.abs(down - right) <= 2),  # diagonal cross
        inside & (_ROWS // 3 % 2 == 0),  # stripes across
        inside & (_COLUMNS // 3 % 2 == 0),  # stripes down
        down + right <= size,  # diamond
        inside & ((_ROWS // 4 + _COLUMNS // 4) % 2 == 0),  # chequers
    )
    return np.asarray(shapes[label])
