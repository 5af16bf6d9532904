"""The test pictures changed a little: what a model has learnt of pictures survives that, a table of them does not."""

import numpy as np
import numpy.typing as npt

SEED = 2024
MOST = 5000  # pictures, spread over all of them
NOISE = 4.0  # standard deviation, of 255

Images = npt.NDArray[np.uint8]


def pictures_to_change(pictures: int) -> npt.NDArray[np.int64]:
    """Which of so many pictures are changed."""
    return np.arange(0, pictures, -(-pictures // MOST))


def changed(images: Images) -> Images:
    """Each of the images (images, height, width, channels) shifted by a pixel into one of 8 directions, with noise."""
    random = np.random.default_rng(SEED)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    shifts = [(down, right) for down in range(3) for right in range(3) if (down, right) != (1, 1)]
    directions = random.integers(len(shifts), size=len(images))
    height, width = images.shape[1:3]
    moved = np.empty_like(images)
    for number, (down, right) in enumerate(shifts):
        moved[directions == number] = padded[directions == number, down : down + height, right : right + width]
    noise = random.normal(0, NOISE, images.shape).round()
    return np.clip(moved + noise, 0, 255).astype(np.uint8)
