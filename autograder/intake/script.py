"""A Python script that was handed in for a notebook, as a notebook."""

import json
import re

# Between the cells: what Jupyter's and jupytext's exports write. Colab's have nothing there.
_BORDER = re.compile(r"^# In ?\[[\d ]*\]:?[ \t]*$|^# ?%%(?!%).*$", re.MULTILINE)


def notebook_of(script: bytes) -> bytes:
    """The script as a notebook file: a code cell for each part between the marks of an export, without outputs."""
    text = _decoded(script).replace("\r\n", "\n")
    parts = [part.strip("\n") for part in _BORDER.split(text) if part.strip()]
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": part} for part in parts
    ]
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    return json.dumps(content).encode()


def _decoded(script: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return script.decode(encoding)
        except UnicodeDecodeError:
            continue
    return script.decode("utf-8", "replace")
