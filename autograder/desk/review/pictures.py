"""Saved pictures drawn anew, so that nothing of a file but its pixels comes through."""

import base64
import io
import warnings

from PIL import Image, JpegImagePlugin, PngImagePlugin

FORMATS = {"image/png": PngImagePlugin.PngImageFile.format, "image/jpeg": JpegImagePlugin.JpegImageFile.format}
_MOST_PICTURES = 12
_MOST_PIXELS = 40_000_000
_WIDEST = 1600
_MOST_BYTES = 6 << 20  # of all pictures together


class Painter:
    """Draws the pictures of one item; so many, and of so many bytes together."""

    def __init__(self) -> None:
        self._left = _MOST_PICTURES
        self._bytes = _MOST_BYTES

    def redraw(self, kind: str, text: str) -> str:
        """A PNG file in base64; "" for what is no picture of that kind, too large, or one too many."""
        if not self._left or len(text) > 2 * _MOST_BYTES:
            return ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                with Image.open(io.BytesIO(base64.b64decode(text)), formats=[str(FORMATS[kind])]) as picture:
                    if picture.width * picture.height > _MOST_PIXELS:
                        return ""
                    pixels = picture.convert(
                        "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
                    )
        except MemoryError:
            raise
        except Exception:  # decoders raise nearly anything for what is no picture
            return ""
        pixels.info.clear()
        pixels.thumbnail((_WIDEST, _WIDEST))
        file = io.BytesIO()
        pixels.save(file, "PNG")
        if len(file.getvalue()) > self._bytes:
            return ""
        self._left, self._bytes = self._left - 1, self._bytes - len(file.getvalue())
        return base64.b64encode(file.getvalue()).decode()
