"""The Vision Transformer: an image is cut into patches, which become tokens; a class token goes along and answers."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Point, Sketch, Tone

SIDE, TOKENS = 3, 9
PATCHES: tuple[Tone, ...] = (BLUE, BLUE, AMBER, BLUE, GREEN, GREEN, GREEN, GREEN, GREEN)  # sky, a sun, a meadow
FIRST, STEP, POSITION, TOKEN = 285, 64, 405, 345


def figure() -> Sketch:
    """From the image, left and below, to the class, above."""
    sketch = Sketch(930, 500)
    sketch.text((465, 28), "ViT: an image is a sentence of patches", points=14, bold=True)
    _image(sketch, (110, 365))
    _tokens(sketch)
    middle = FIRST + TOKENS * STEP / 2
    sketch.box((middle, 235), (TOKENS * STEP + 66, 62), "Block,  depth times", GREY, points=13)
    sketch.text((185, 235), "(B, 1 + N, dim)", colour=QUIET, points=10.5)
    sketch.arrow((FIRST, 203), (FIRST, 162))
    sketch.box((FIRST, 138), (92, 46), "class token", ROSE, points=10.5)
    sketch.arrow((FIRST + 47, 138), (400, 138))
    sketch.box((510, 138), (218, 46), "LayerNorm, Linear", AMBER)
    sketch.arrow((620, 138), (680, 138))
    sketch.box((775, 138), (188, 46), "logits (B, classes)", GREEN)
    sketch.text((510, 88), "classification head: it sees the class token alone", colour=QUIET, points=10)
    return sketch


def _image(sketch: Sketch, middle: Point) -> None:
    """The image, cut into patches, numbered in reading order."""
    x, y = middle
    for number, tone in enumerate(PATCHES):
        row, column = divmod(number, SIDE)
        sketch.box((x + (column - 1) * 50, y + (row - 1) * 50), (46, 46), str(number + 1), tone, points=10)
    sketch.text((x, y + 98), "image (B, C, H, W)", colour=QUIET, points=10.5)
    sketch.arrow((x + 80, TOKEN), (FIRST - 36, TOKEN))
    sketch.text((x + 103, TOKEN + 22), "conv", colour=QUIET, points=10)


def _tokens(sketch: Sketch) -> None:
    """The class token and one token for each patch; below each its place, which is added."""
    for number in range(TOKENS + 1):
        x = FIRST + number * STEP
        tone = PATCHES[number - 1] if number else ROSE
        sketch.box((x, TOKEN), (54, 46), str(number) if number else "cls", tone, points=11)
        sketch.text((x, TOKEN + 33), "+", points=12)
        sketch.box((x, POSITION + 4), (54, 34), f"$p_{number}$", GREY, points=12)
        sketch.arrow((x, TOKEN - 24), (x, 269))
    sketch.text(
        (FIRST + TOKENS * STEP / 2, 455), "pos_embedding: one learned vector for each place", colour=QUIET, points=10.5
    )
